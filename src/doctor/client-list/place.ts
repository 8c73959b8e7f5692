/** Bytes that are compared at once. */
const WIDTH = 4;

const encoder = new TextEncoder();

/** A field, and where it stood in the row before: the rows of a server are alike. */
export interface Place {
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

export function placeOf(field: string): Place {
  const sign = encoder.encode(`${field}=`);
  const head = sign.length < WIDTH ? 0 : new DataView(sign.buffer).getInt32(0, true);
  return { field, sign, head, word: 0, nextEquals: 0 };
}

/** Whether a field begins at a place in a text. */
export function begins({ sign, head }: Place, text: DataView, from: number): boolean {
  if (head !== 0 && text.getInt32(from, true) !== head) return false;
  for (let at = head === 0 ? 0 : WIDTH; at < sign.length; at += 1) {
    if (text.getUint8(from + at) !== sign[at]) return false;
  }
  return true;
}
