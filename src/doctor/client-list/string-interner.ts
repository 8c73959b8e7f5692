/** Returns one string for equal bytes, decoded only once. */
export type Interner = (bytes: Uint8Array, from: number, to: number) => string;

interface InternedString {
  readonly hash: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Sizes of the hash table. Powers of two, so that the low bits of a hash are its slot. At most half of the slots are used. */
const [MIN_SLOTS, MAX_SLOTS] = [1 << 8, 1 << 14];

/** Longer values are decoded each time, and so are values that find the table full (one name per connection, for example). */
const MAX_INTERNED_BYTES = 256;

/**
 * Creates an interner. A client list has few commands, flags, names and addresses, each of which occurs many times.
 *
 * @param decode makes the string of bytes that were not seen before
 */
export function createInterner(decode: (bytes: Uint8Array) => string = decodeText): Interner {
  let slots = createSlots(MIN_SLOTS);
  let count = 0;

  function place(interned: InternedString): void {
    let slot = interned.hash & (slots.length - 1);
    while (slots[slot] !== undefined) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = interned;
  }

  function add(interned: InternedString): void {
    if (count >= slots.length / 2) {
      if (slots.length === MAX_SLOTS) return;
      const previous = slots;
      slots = createSlots(previous.length * 2);
      for (const other of previous) if (other) place(other);
    }
    count += 1;
    place(interned);
  }

  return (bytes, from, to) => {
    if (to - from > MAX_INTERNED_BYTES) return decode(bytes.subarray(from, to));
    const hash = hashOf(bytes, from, to);
    for (let slot = hash & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const interned = slots[slot];
      if (interned === undefined) {
        // A copy: a view (such as Buffer.slice() returns) would keep the whole chunk in memory.
        const value = new Uint8Array(bytes.subarray(from, to));
        const text = decode(value);
        add({ hash, bytes: value, text });
        return text;
      }
      const mayMatch = interned.hash === hash && interned.bytes.length === to - from;
      if (mayMatch && isAt(interned.bytes, bytes, from)) return interned.text;
    }
  };
}

const decoder = new TextDecoder();

/** Decodes UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const createSlots = (size: number) => new Array<InternedString | undefined>(size).fill(undefined);

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  return hash;
}

/** Whether `value` stands in `bytes` at `from`. */
function isAt(value: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < value.length; at += 1) if (value[at] !== bytes[from + at]) return false;
  return true;
}
