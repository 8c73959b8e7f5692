/** A first-in, first-out queue. `take()` is O(1) amortised; `shift()` of an array moves all items that follow. */
export class Queue<Item> {
  #items: (Item | undefined)[] = [];
  /** Index of the first item. */
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Returns the first item and leaves it in the queue. */
  peek(): Item | undefined {
    return this.#items[this.#head];
  }

  /** Removes and returns the first item. */
  take(): Item | undefined {
    const item = this.#items[this.#head];
    if (this.length === 0) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // More than half of the array is empty: one copy for at least as many items as it keeps.
    if (this.#head * 2 > this.#items.length) this.#compact();
    return item;
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
