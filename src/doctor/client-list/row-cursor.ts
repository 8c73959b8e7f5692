import type { RowView } from './client-row.js';
import { createInterner } from './string-interner.js';

const [SPACE, EQUALS, NEWLINE, RETURN, COLON] = [0x20, 0x3d, 0x0a, 0x0d, 0x3a] as const;

/** More words than any server's rows have; what comes after them is not looked at. */
const MAX_WORDS = 128;

/** How many bytes after the last newline are read, whatever they are. */
export const READ_BEYOND = 3;

/**
 * Walks over rows, one after the other, and gives the fields of the present one. A million rows are 156 MB: it looks for
 * their blanks alone, reads a field only where it is asked for, and makes a string of the same bytes only once.
 *
 * A class, because loops over its arrays are what takes the time.
 */
export class RowCursor implements RowView {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** The words of the present row: each stands between two of these. */
  readonly #bounds = new Int32Array(MAX_WORDS + 1);
  #words = 0;
  readonly #places = new Map<string, FieldPosition>();
  /** What was asked of the row before: who reads rows asks each for the same fields, in the same order. */
  readonly #asked: FieldPosition[] = [];
  #turn = 0;
  readonly #intern = createInterner();

  /** What stands in `bytes` may change between two moves. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Moves to the row that begins at `from`, and gives the place of the newline that ends it: there has to be one.
   *
   * It takes four bytes at a time. Of each byte below 0x21 (a blank, a newline) bit 7 is left over, and now and then
   * that of the byte after it: https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord
   */
  move(from: number): number {
    const [bytes, view, bounds] = [this.#bytes, this.#view, this.#bounds];
    bounds[0] = from - 1;
    let words = 0;
    for (let at = from; ; at += 1 + READ_BEYOND) {
      const four = view.getInt32(at, true);
      for (let low = (four - 0x21212121) & ~four & 0x80808080; low !== 0; low &= low - 1) {
        const end = at + ((31 - Math.clz32(low & -low)) >> 3);
        if (bytes[end] === SPACE) {
          if (words < MAX_WORDS) bounds[++words] = end;
        } else if (bytes[end] === NEWLINE) {
          if (words < MAX_WORDS) bounds[++words] = bytes[end - 1] === RETURN ? end - 1 : end;
          this.#words = words;
          this.#turn = 0;
          return end;
        }
      }
    }
  }

  /** How many words the present row has. */
  get words(): number {
    return this.#words;
  }

  /** How many of them are fields. */
  countFields(): number {
    let fields = 0;
    for (let word = 0; word < this.#words; word += 1) if (this.#equalsIn(word) >= 0) fields += 1;
    return fields;
  }

  /** Whether the present row has a value there. */
  has(field: string): boolean {
    const place = this.#find(field);
    return place !== undefined && this.#end(place) > this.#start(place);
  }

  text(field: string): string {
    if (field === 'ip') return this.#ip();
    const place = this.#find(field);
    return place ? this.#intern(this.#bytes, this.#start(place), this.#end(place)) : '';
  }

  number(field: string): number {
    const place = this.#find(field);
    return place ? wholeNumber(this.#bytes, this.#start(place), this.#end(place)) : NaN;
  }

  /** Dragonfly gives a unix socket no port. */
  #ip(): string {
    const place = this.#find('addr');
    if (!place) return '';
    const from = this.#start(place);
    const end = this.#end(place);
    let colon = end - 1;
    while (colon > from && this.#bytes[colon] !== COLON) colon -= 1;
    return this.#intern(this.#bytes, from, this.#bytes[colon] === COLON ? colon : end);
  }

  #start({ word, sign }: FieldPosition): number {
    return (this.#bounds[word] as number) + 1 + sign.length;
  }

  /** Words without `=` belong to the value before them: the path of a unix socket may have blanks. */
  #end(place: FieldPosition): number {
    const next = place.word + 1;
    const end = this.#bounds[next] as number;
    if (next >= this.#words) return end;
    const equals = end + 1 + place.nextEquals;
    const isField = this.#bytes[equals] === EQUALS && equals < (this.#bounds[next + 1] as number);
    return isField ? end : this.#seekEnd(place);
  }

  #seekEnd(place: FieldPosition): number {
    let end = this.#bounds[place.word + 1] as number;
    for (let next = place.word + 1; next < this.#words; next += 1) {
      place.nextEquals = this.#equalsIn(next);
      if (place.nextEquals >= 0) return end;
      const to = this.#bounds[next + 1] as number;
      if (to > (this.#bounds[next] as number) + 1) end = to; // two blanks in a row have nothing between them
    }
    return end;
  }

  /** Where in a word the `=` is; -1 if it has none. */
  #equalsIn(word: number): number {
    const from = (this.#bounds[word] as number) + 1;
    const to = this.#bounds[word + 1] as number;
    for (let at = from; at < to; at += 1) if (this.#bytes[at] === EQUALS) return at - from;
    return -1;
  }

  #find(field: string): FieldPosition | undefined {
    const place = this.#placeOf(field);
    const { word } = place;
    if (word < this.#words && begins(place, this.#view, (this.#bounds[word] as number) + 1)) return place;
    return this.#seek(place);
  }

  #placeOf(field: string): FieldPosition {
    const expected = this.#asked[this.#turn];
    this.#turn += 1;
    if (expected?.field === field) return expected;
    let place = this.#places.get(field);
    if (!place) this.#places.set(field, (place = fieldPositionOf(field)));
    return (this.#asked[this.#turn - 1] = place);
  }

  #seek(place: FieldPosition): FieldPosition | undefined {
    const { length } = place.sign;
    let from = (this.#bounds[0] as number) + 1;
    for (let word = 0; word < this.#words; word += 1) {
      const end = this.#bounds[word + 1] as number;
      if (end - from >= length && begins(place, this.#view, from)) {
        place.word = word;
        return place;
      }
      from = end + 1;
    }
    return undefined;
  }
}

/** Bytes that are compared at once. */
const WIDTH = 4;

const encoder = new TextEncoder();

/** A field, and where it stood in the row before: the rows of a server are alike. */
export interface FieldPosition {
  readonly field: string;
  /** As it begins in a row: `idle=`. */
  readonly sign: Uint8Array;
  /** The first bytes of it as one number; 0, which no field begins with, where it has fewer. */
  readonly head: number;
  /** Which word of the row it was. */
  word: number;
  /** Where in the word after it the `=` was. */
  nextEquals: number;
}

function fieldPositionOf(field: string): FieldPosition {
  const sign = encoder.encode(`${field}=`);
  const head = sign.length < WIDTH ? 0 : new DataView(sign.buffer).getInt32(0, true);
  return { field, sign, head, word: 0, nextEquals: 0 };
}

/** Whether a field begins at a place in a text. */
function begins({ sign, head }: FieldPosition, text: DataView, from: number): boolean {
  if (head !== 0 && text.getInt32(from, true) !== head) return false;
  for (let at = head === 0 ? 0 : WIDTH; at < sign.length; at += 1) {
    if (text.getUint8(from + at) !== sign[at]) return false;
  }
  return true;
}

const [MINUS, ZERO] = [0x2d, 0x30] as const;

/** Digits of the greatest number that a server tells: 64 bits, without a sign. */
const MAX_DIGITS = 20;

/** Reads a whole number; `NaN` if there is none. */
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
