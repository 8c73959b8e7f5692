/** First in, first out, in the same time however many wait: `shift()` of an array moves all that follow. */
export class Queue<Item> {
  #items: (Item | undefined)[] = [];
  /** Where the first one is. */
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** The first one, which stays. */
  peek(): Item | undefined {
    return this.#items[this.#head];
  }

  /** Takes the first one. */
  take(): Item | undefined {
    const item = this.#items[this.#head];
    if (this.length === 0) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // Half of it is empty: copied once for as many that were taken.
    if (this.#head * 2 > this.#items.length) this.#drop();
    return item;
  }

  #drop(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
