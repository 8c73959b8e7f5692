/** Gives the same bytes the same string, without making it again. */
export type Interner = (bytes: Uint8Array, from: number, to: number) => string;

interface Known {
  readonly hash: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Slots of the table: a power of two, so that a hash becomes a place by its last bits. */
const SLOTS = 1 << 14;
/** Beyond this many a table gets slow; further values (a name for each connection, say) are made each time. */
const MOST = SLOTS / 2;

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

/** A list of clients has few commands, flags, names and addresses, and each many times. */
export function createInterner(): Interner {
  const slots: (Known | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  let count = 0;
  return (bytes, from, to) => {
    const hash = hashOf(bytes, from, to);
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const known = slots[slot];
      if (known === undefined) {
        const text = decoder.decode(bytes.subarray(from, to));
        if (count >= MOST) return text;
        count += 1;
        slots[slot] = { hash, bytes: Uint8Array.from(bytes.subarray(from, to)), text };
        return text;
      }
      const fits = known.hash === hash && known.bytes.length === to - from;
      if (fits && same(known.bytes, bytes, from)) return known.text;
    }
  };
}
