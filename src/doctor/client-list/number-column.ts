/** Numbers of a chunk: a column grows without being copied. */
const CHUNK_BITS = 12;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;

/** Numbers one behind the other, in as few bytes as they need; or one number, while all of the chunk are equal. */
type Chunk = Int32Array | Float64Array | number;

/** Whether a number is kept in 4 bytes. */
const isInt32 = (value: number) => Object.is(value | 0, value);

/**
 * Numbers of rows, one behind the other: 4 bytes each, 8 for large ones, and next to nothing where neighbours are equal, as
 * most fields of most rows are. An object for each row takes 20 times as much.
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
    let chunk = this.#chunks[at] as Chunk;
    if (Object.is(chunk, value)) return;
    if (typeof chunk === 'number') {
      const Numbers = isInt32(chunk) ? Int32Array : Float64Array;
      chunk = this.#chunks[at] = new Numbers(CHUNK_SIZE).fill(chunk);
    }
    if (chunk instanceof Int32Array && !isInt32(value)) {
      chunk = this.#chunks[at] = Float64Array.from(chunk);
    }
    chunk[index & CHUNK_MASK] = value;
  }
}

/** Texts of a column that are looked up. Behind so many different ones, the next text is most likely different too. */
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
    if (this.#texts.length >= MAX_KNOWN_TEXTS) return this.#texts.push(text) - 1;
    let number = this.#numberByText.get(text);
    if (number === undefined) this.#numberByText.set(text, (number = this.#texts.push(text) - 1));
    return number;
  }
}
