import { redact } from '../../core/redact.js';
import type { RowView } from './client-row.js';
import { createInterner, decodeText } from './string-interner.js';

const [SPACE, EQUALS, NEWLINE, RETURN, COLON, SLASH] = [0x20, 0x3d, 0x0a, 0x0d, 0x3a, 0x2f] as const;

/** More words than the rows of any server have. Words beyond are ignored. */
const MAX_WORDS = 128;

/** How many bytes behind the last newline are read. Their values do not matter. */
export const READ_AHEAD_BYTES = 3;

/** A field, and its position in the previous row. The rows of one server have the same fields in the same order. */
interface FieldPosition {
  readonly field: string;
  /** The bytes that the field begins with: `idle=`. */
  readonly prefix: Uint8Array;
  /** The first four bytes of `prefix` as one number. 0 if it has fewer; no field begins with four zero bytes. */
  readonly prefixHead: number;
  /** Index of the word in the row. */
  word: number;
  /** Offset of the `=` in the next word. */
  nextEquals: number;
}

/**
 * Moves from row to row in a buffer, and reads fields of the present row. A list of a million rows has 156 MB. Therefore the
 * cursor searches a row for spaces only, decodes a field only when it is read, and creates one string for equal bytes.
 *
 * A class, because loops over its arrays take most of the time.
 */
export class RowCursor implements RowView {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Offsets of the spaces around the words of the present row: word `n` is between the entries `n` and `n + 1`. */
  readonly #bounds = new Int32Array(MAX_WORDS + 1);
  #wordCount = 0;
  readonly #positions = new Map<string, FieldPosition>();
  /** Fields that were read from the previous row. Callers read the same fields of each row, in the same order. */
  readonly #reads: FieldPosition[] = [];
  #readIndex = 0;
  readonly #intern = createInterner(decodeRedacted);
  readonly #internAddress = createInterner(decodeAddress);

  /** Creates a cursor over a buffer, whose content may change between two moves. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Moves to the row that begins at `from`, and returns the offset of the newline that ends it. There must be one.
   *
   * Four bytes are tested at a time. Bit 7 stays set for each byte below 0x21 (a space, a newline), and sometimes for the
   * byte behind it: https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord
   */
  moveTo(from: number): number {
    const [bytes, view, bounds] = [this.#bytes, this.#view, this.#bounds];
    bounds[0] = from - 1;
    let words = 0;
    for (let at = from; ; at += 1 + READ_AHEAD_BYTES) {
      const four = view.getInt32(at, true);
      for (let low = (four - 0x21212121) & ~four & 0x80808080; low !== 0; low &= low - 1) {
        const end = at + ((31 - Math.clz32(low & -low)) >> 3);
        if (bytes[end] === SPACE) {
          if (words < MAX_WORDS) bounds[++words] = end;
        } else if (bytes[end] === NEWLINE) {
          if (words < MAX_WORDS) bounds[++words] = bytes[end - 1] === RETURN ? end - 1 : end;
          this.#wordCount = words;
          this.#readIndex = 0;
          return end;
        }
      }
    }
  }

  /** Number of words in the present row. */
  get wordCount(): number {
    return this.#wordCount;
  }

  /** Number of words in the present row that are fields. */
  countFields(): number {
    let fields = 0;
    for (let word = 0; word < this.#wordCount; word += 1) if (this.#equalsIn(word) >= 0) fields += 1;
    return fields;
  }

  /** Whether a field of the present row has a value. */
  hasValue(field: string): boolean {
    const position = this.#find(field);
    return position !== undefined && this.#valueEnd(position) > this.#valueStart(position);
  }

  text(field: string): string {
    if (field === 'ip') return this.#ip();
    const position = this.#find(field);
    if (!position) return '';
    const intern = field === 'addr' || field === 'laddr' ? this.#internAddress : this.#intern;
    return intern(this.#bytes, this.#valueStart(position), this.#valueEnd(position));
  }

  rawText(field: string): string {
    if (field === 'ip') return this.#ip();
    const position = this.#find(field);
    if (!position) return '';
    return decodeText(this.#bytes.subarray(this.#valueStart(position), this.#valueEnd(position)));
  }

  number(field: string): number {
    const position = this.#find(field);
    return position
      ? parseWholeNumber(this.#bytes, this.#valueStart(position), this.#valueEnd(position))
      : NaN;
  }

  /** `addr` without its port. The whole of `addr` if there is no colon: Dragonfly lists unix sockets without a port. */
  #ip(): string {
    const position = this.#find('addr');
    if (!position) return '';
    const from = this.#valueStart(position);
    const end = this.#valueEnd(position);
    let colon = end - 1;
    while (colon > from && this.#bytes[colon] !== COLON) colon -= 1;
    return this.#internAddress(this.#bytes, from, this.#bytes[colon] === COLON ? colon : end);
  }

  #valueStart({ word, prefix }: FieldPosition): number {
    return (this.#bounds[word] as number) + 1 + prefix.length;
  }

  /** Words without `=` belong to the value before them: the path of a unix socket may contain spaces. */
  #valueEnd(position: FieldPosition): number {
    const next = position.word + 1;
    const end = this.#bounds[next] as number;
    if (next >= this.#wordCount) return end;
    const equals = end + 1 + position.nextEquals;
    const isField = this.#bytes[equals] === EQUALS && equals < (this.#bounds[next + 1] as number);
    return isField ? end : this.#searchValueEnd(position);
  }

  #searchValueEnd(position: FieldPosition): number {
    let end = this.#bounds[position.word + 1] as number;
    for (let next = position.word + 1; next < this.#wordCount; next += 1) {
      position.nextEquals = this.#equalsIn(next);
      if (position.nextEquals >= 0) return end;
      const to = this.#bounds[next + 1] as number;
      if (to > (this.#bounds[next] as number) + 1) end = to; // an empty word between two spaces is no part of the value
    }
    return end;
  }

  /** Offset of the `=` in a word; -1 if there is none. */
  #equalsIn(word: number): number {
    const from = (this.#bounds[word] as number) + 1;
    const to = this.#bounds[word + 1] as number;
    for (let at = from; at < to; at += 1) if (this.#bytes[at] === EQUALS) return at - from;
    return -1;
  }

  #find(field: string): FieldPosition | undefined {
    const position = this.#positionOf(field);
    const { word } = position;
    if (word < this.#wordCount && startsWithField(this.#view, (this.#bounds[word] as number) + 1, position)) {
      return position;
    }
    return this.#search(position);
  }

  #positionOf(field: string): FieldPosition {
    const expected = this.#reads[this.#readIndex];
    this.#readIndex += 1;
    if (expected?.field === field) return expected;
    let position = this.#positions.get(field);
    if (!position) this.#positions.set(field, (position = createFieldPosition(field)));
    return (this.#reads[this.#readIndex - 1] = position);
  }

  #search(position: FieldPosition): FieldPosition | undefined {
    const { length } = position.prefix;
    let from = (this.#bounds[0] as number) + 1;
    for (let word = 0; word < this.#wordCount; word += 1) {
      const end = this.#bounds[word + 1] as number;
      if (end - from >= length && startsWithField(this.#view, from, position)) {
        position.word = word;
        return position;
      }
      from = end + 1;
    }
    return undefined;
  }
}

/** Decodes a text that a client chose. Credentials are left out here, so that nothing behind the reader has them. */
function decodeRedacted(bytes: Uint8Array): string {
  const text = decodeText(bytes);
  return MAY_BE_URL.test(text) ? redact(text) : text;
}

const MAY_BE_URL = /\/\/|[?&]/;

/** Decodes an address. The path of a unix socket stays as it is, because CLIENT KILL has to name it. */
function decodeAddress(bytes: Uint8Array): string {
  const isPath = bytes[0] === SLASH;
  return isPath ? decodeText(bytes) : decodeRedacted(bytes);
}

/** Number of bytes that are compared at once. */
const HEAD_BYTES = 4;

const encoder = new TextEncoder();

function createFieldPosition(field: string): FieldPosition {
  const prefix = encoder.encode(`${field}=`);
  const prefixHead = prefix.length < HEAD_BYTES ? 0 : new DataView(prefix.buffer).getInt32(0, true);
  return { field, prefix, prefixHead, word: 0, nextEquals: 0 };
}

/** Whether the bytes at `from` are the prefix of a field. */
function startsWithField(view: DataView, from: number, { prefix, prefixHead }: FieldPosition): boolean {
  if (prefixHead !== 0 && view.getInt32(from, true) !== prefixHead) return false;
  for (let at = prefixHead === 0 ? 0 : HEAD_BYTES; at < prefix.length; at += 1) {
    if (view.getUint8(from + at) !== prefix[at]) return false;
  }
  return true;
}

const [MINUS, ZERO] = [0x2d, 0x30] as const;

/** Digits of the greatest number in a client list: 64 bits without a sign. */
const MAX_DIGITS = 20;

/** Parses a whole number; `NaN` if the bytes are something else. */
function parseWholeNumber(bytes: Uint8Array, from: number, to: number): number {
  const isNegative = bytes[from] === MINUS;
  let value = 0;
  let at = isNegative ? from + 1 : from;
  if (at >= to || to - at > MAX_DIGITS) return NaN;
  for (; at < to; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}
