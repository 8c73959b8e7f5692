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

/** Texts that are looked up. Beyond so many different ones, the next text is most likely different too. */
const MAX_KNOWN_TEXTS = 1 << 14;

/**
 * Texts of rows: each text is kept once, and its number for each row. Texts that come after 16 384 different ones, as where
 * each connection has a name of its own, are kept as they are: to look up a million takes longer than to read them.
 *
 * A class, because a million texts are added. A text that equals the previous one is not looked up again: nearly all rows
 * have the same command and the same flags.
 */
export class TextColumn<Text extends string = string> {
  readonly #numbers = new NumberColumn();
  readonly #texts: Text[] = [];
  readonly #numberByText = new Map<Text, number>();
  #lastText: Text | undefined;
  #lastNumber = 0;

  push(text: Text): void {
    if (text !== this.#lastText) {
      this.#lastText = text;
      this.#lastNumber = this.#numberOf(text);
    }
    this.#numbers.push(this.#lastNumber);
  }

  at(index: number): Text {
    return this.#texts[this.#numbers.at(index)] as Text;
  }

  #numberOf(text: Text): number {
    const known = this.#numberByText.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    if (number < MAX_KNOWN_TEXTS) this.#numberByText.set(text, number);
    return number;
  }
}
