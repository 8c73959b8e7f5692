/** Gives the same bytes the same string, without making it again. */
export type Interner = (bytes: Uint8Array, from: number, to: number) => string;

interface Known {
  readonly hash: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Slots of the table: a power of two, so that a hash becomes a place by its last bits. Half of them may be taken. */
const [FEWEST_SLOTS, MOST_SLOTS] = [1 << 8, 1 << 14];
/** What is longer is made each time, as is what finds no place (a name for each connection, say). */
const LONGEST_BYTES = 256;

const decoder = new TextDecoder();

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  return hash;
}

function same(known: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < known.length; at += 1) if (known[at] !== bytes[from + at]) return false;
  return true;
}

const emptySlots = (size: number) => new Array<Known | undefined>(size).fill(undefined);

/** A list of clients has few commands, flags, names and addresses, and each many times. */
export function createInterner(): Interner {
  let slots = emptySlots(FEWEST_SLOTS);
  let count = 0;

  function place(known: Known): void {
    let slot = known.hash & (slots.length - 1);
    while (slots[slot] !== undefined) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = known;
  }

  function keep(known: Known): void {
    if (count >= slots.length / 2) {
      if (slots.length === MOST_SLOTS) return;
      const crowded = slots;
      slots = emptySlots(crowded.length * 2);
      for (const other of crowded) if (other) place(other);
    }
    count += 1;
    place(known);
  }

  return (bytes, from, to) => {
    if (to - from > LONGEST_BYTES) return decoder.decode(bytes.subarray(from, to));
    const hash = hashOf(bytes, from, to);
    for (let slot = hash & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const known = slots[slot];
      if (known === undefined) {
        // A copy, not a view (as a Buffer's slice() is): a view would keep the whole piece alive.
        const value = new Uint8Array(bytes.subarray(from, to));
        const text = decoder.decode(value);
        keep({ hash, bytes: value, text });
        return text;
      }
      const fits = known.hash === hash && known.bytes.length === to - from;
      if (fits && same(known.bytes, bytes, from)) return known.text;
    }
  };
}
