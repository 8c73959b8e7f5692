/** Numbers of a chunk: a column grows without being copied. */
const CHUNK_BITS = 12;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;

/** Numbers one behind the other; or one number, while all of the chunk are equal. */
type Chunk = Float64Array | number;

/**
 * Numbers of rows, one behind the other: 8 bytes each, and next to nothing where neighbours are equal, as most fields of
 * most rows are. An object for each row takes 20 times as much.
 *
 * A class, because a million numbers are added.
 */
export class NumberColumn {
  readonly #chunks: Chunk[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const index = this.#length;
    this.#length += 1;
    if ((index & CHUNK_MASK) === 0) this.#chunks.push(value);
    else this.set(index, value);
  }

  at(index: number): number {
    const chunk = this.#chunks[index >> CHUNK_BITS] as Chunk;
    return typeof chunk === 'number' ? chunk : (chunk[index & CHUNK_MASK] as number);
  }

  set(index: number, value: number): void {
    const at = index >> CHUNK_BITS;
    const chunk = this.#chunks[at] as Chunk;
    if (typeof chunk !== 'number') chunk[index & CHUNK_MASK] = value;
    else if (!Object.is(chunk, value)) {
      const numbers = new Float64Array(CHUNK_SIZE).fill(chunk);
      numbers[index & CHUNK_MASK] = value;
      this.#chunks[at] = numbers;
    }
  }
}

/**
 * Texts of rows, few of which are different: each text is kept once, and its number for each row.
 *
 * A class, because a million texts are added. A text that equals the previous one is not looked up again: nearly all rows
 * have the same command and the same flags.
 */
export class TextColumn {
  readonly #numbers = new NumberColumn();
  readonly #texts: string[] = [];
  readonly #numberByText = new Map<string, number>();
  #lastText: string | undefined;
  #lastNumber = 0;

  push(text: string): void {
    if (text !== this.#lastText) {
      this.#lastText = text;
      this.#lastNumber = this.#numberOf(text);
    }
    this.#numbers.push(this.#lastNumber);
  }

  at(index: number): string {
    return this.#texts[this.#numbers.at(index)] as string;
  }

  #numberOf(text: string): number {
    let number = this.#numberByText.get(text);
    if (number === undefined) this.#numberByText.set(text, (number = this.#texts.push(text) - 1));
    return number;
  }
}
