import { createInterner } from './interner.js';
import type { Row } from './row.js';

const [SPACE, EQUALS, NEWLINE, RETURN, MINUS, ZERO, COLON] = [
  0x20, 0x3d, 0x0a, 0x0d, 0x2d, 0x30, 0x3a,
] as const;

/** More fields than any server tells; what comes after them is not looked at. */
const MAX_FIELDS = 128;

/** No `=` in this word. */
const NONE = -1;

/** The name of a field, and where it stood in the row before: rows of one server have the same order. */
interface Place {
  readonly name: Uint8Array;
  ordinal: number;
}

const encoder = new TextEncoder();

/** Digits of the greatest number that a server tells: 64 bits, without a sign. */
const MAX_DIGITS = 20;

function wholeNumber(bytes: Uint8Array, from: number, to: number): number {
  const negative = bytes[from] === MINUS;
  let value = 0;
  let at = negative ? from + 1 : from;
  if (at >= to || to - at > MAX_DIGITS) return NaN;
  for (; at < to; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/**
 * Walks over rows, one after the other, and gives the fields of the present one. A million rows are 156 MB: it looks at
 * each byte once, and makes a string only of what is asked for, and of the same bytes only once.
 *
 * A class, because loops over its arrays are what takes the time.
 */
export class RowCursor implements Row {
  #bytes: Uint8Array = new Uint8Array();
  #count = 0;
  readonly #starts = new Int32Array(MAX_FIELDS);
  readonly #equals = new Int32Array(MAX_FIELDS);
  readonly #ends = new Int32Array(MAX_FIELDS);
  readonly #places = new Map<string, Place>();
  readonly #intern = createInterner();

  /** How many fields the present row has. */
  get fields(): number {
    return this.#count;
  }

  /**
   * Moves to the row that begins at `from`. Gives the place after its newline, or -1 where there is none before `to`;
   * then it is a row only if nothing follows.
   */
  move(bytes: Uint8Array, from: number, to: number): number {
    this.#bytes = bytes;
    let count = 0;
    let start = from;
    let equal = NONE;
    let at = from;
    const [equalSign, space, newline] = [EQUALS, SPACE, NEWLINE]; // looked up once: the loop is the hot one
    for (; at < to; at += 1) {
      const byte = bytes[at] as number;
      if (byte > equalSign) continue; // letters: most of them
      if (byte === equalSign) {
        if (equal === NONE) equal = at;
      } else if (byte === space) {
        count = this.#word(count, start, equal, at);
        start = at + 1;
        equal = NONE;
      } else if (byte === newline) break;
    }
    const end = at > from && bytes[at - 1] === RETURN ? at - 1 : at;
    this.#count = Math.min(this.#word(count, start, equal, end), MAX_FIELDS);
    return at < to ? at + 1 : -1;
  }

  /** Notes a word; gives how many fields there are then. */
  #word(count: number, start: number, equal: number, end: number): number {
    if (equal === NONE) {
      // A word without `=` belongs to the value before it: the path of a unix socket may have blanks.
      if (end > start && count > 0 && count <= MAX_FIELDS) this.#ends[count - 1] = end;
      return count;
    }
    if (count < MAX_FIELDS) {
      this.#starts[count] = start;
      this.#equals[count] = equal;
      this.#ends[count] = end;
    }
    return count + 1;
  }

  /** Whether the present row has a value there. */
  has(field: string): boolean {
    const ordinal = this.#find(field);
    return ordinal >= 0 && (this.#ends[ordinal] as number) > (this.#equals[ordinal] as number) + 1;
  }

  text(field: string): string {
    if (field === 'ip') return this.#ip();
    const ordinal = this.#find(field);
    if (ordinal < 0) return '';
    return this.#intern(this.#bytes, (this.#equals[ordinal] as number) + 1, this.#ends[ordinal] as number);
  }

  number(field: string): number {
    const ordinal = this.#find(field);
    if (ordinal < 0) return NaN;
    return wholeNumber(this.#bytes, (this.#equals[ordinal] as number) + 1, this.#ends[ordinal] as number);
  }

  /** Dragonfly gives a unix socket no port. */
  #ip(): string {
    const ordinal = this.#find('addr');
    if (ordinal < 0) return '';
    const from = (this.#equals[ordinal] as number) + 1;
    const end = this.#ends[ordinal] as number;
    let colon = end - 1;
    while (colon > from && this.#bytes[colon] !== COLON) colon -= 1;
    return this.#intern(this.#bytes, from, this.#bytes[colon] === COLON ? colon : end);
  }

  #find(field: string): number {
    let place = this.#places.get(field);
    if (!place) this.#places.set(field, (place = { name: encoder.encode(field), ordinal: 0 }));
    if (this.#isAt(place.name, place.ordinal)) return place.ordinal;
    for (let ordinal = 0; ordinal < this.#count; ordinal += 1) {
      if (this.#isAt(place.name, ordinal)) return (place.ordinal = ordinal);
    }
    return -1;
  }

  #isAt(name: Uint8Array, ordinal: number): boolean {
    if (ordinal >= this.#count) return false;
    const start = this.#starts[ordinal] as number;
    if ((this.#equals[ordinal] as number) - start !== name.length) return false;
    for (let at = 0; at < name.length; at += 1) if (this.#bytes[start + at] !== name[at]) return false;
    return true;
  }
}
