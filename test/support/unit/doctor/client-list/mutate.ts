/** Returns whole numbers from 0 to `limit - 1`. The same seed gives the same numbers. */
export type Random = (limit: number) => number;

/** Creates a linear congruential generator, which is repeatable. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Bytes that are part of the syntax, and some that are not. */
const SYNTAX_BYTES = Buffer.from(' =\n\r"\\:[]#,x)\t\0', 'latin1');

/** Incomplete characters, an overlong one, a surrogate, one beyond Unicode, byte order marks of UTF-8 and UTF-16. */
const BROKEN_UTF8 = ['ff', 'c3', 'e282', 'c080', 'eda080', 'f4908080', 'efbbbf', 'fffe'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

const OPENINGS = ['"', '1) "', '  \n"', 'txt:', '\ufeff', '\ufeff1) "', '12', '$5579\r\n'].map((text) =>
  Buffer.from(text),
);
const BLANKS = ['  ', ' \0', '\t', ' = ', '\\x20', '\\', ''];

/** Lengths around the limit of a line, 65 536 bytes. */
const LONG_BYTES = [65_000, 65_536, 65_537, 140_000];
/** A mutant in 400 gets such a long line, because they take a hundred times as long to read. */
const LONG_ONE_IN = 400;
const MAX_MUTATIONS = 6;

/** Changes a text in a few places, as files get damaged. */
export function mutate(text: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let bytes = text;
  for (let remaining = random(MAX_MUTATIONS) + 1; remaining > 0; remaining -= 1)
    bytes = pick(mutations, random)(bytes, random, others);
  return random(LONG_ONE_IN) === 0
    ? insert(bytes, random, Buffer.alloc(pick(LONG_BYTES, random), 'x'))
    : bytes;
}

type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const mutations: readonly Mutation[] = [
  (bytes, random) => change(bytes, random, (byte) => byte ^ (1 << random(8))),
  (bytes, random) => change(bytes, random, () => SYNTAX_BYTES[random(SYNTAX_BYTES.length)] as number),
  (bytes, random) => insert(bytes, random, SYNTAX_BYTES.subarray(random(SYNTAX_BYTES.length)).subarray(0, 2)),
  (bytes, random) => insert(bytes, random, pick(BROKEN_UTF8, random)),
  (bytes, random) => insert(bytes, random, part(bytes, random)), // duplicates a part
  (bytes, random, others) => insert(bytes, random, part(pick(others, random), random)),
  (bytes, random) => {
    const from = random(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random(80))]);
  },
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
  (bytes, random) => bytes.subarray(random(bytes.length + 1)),
  (bytes) => replaceAll(bytes, '\n', '\r\n'),
  (bytes, random) => replaceAll(bytes, ' ', pick(BLANKS, random)),
  (bytes, random) => Buffer.concat([pick(OPENINGS, random), bytes]),
];

function change(bytes: Buffer, random: Random, replace: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  const at = random(copy.length);
  if (copy.length > 0) copy[at] = replace(copy[at] as number);
  return copy;
}

function insert(bytes: Buffer, random: Random, inserted: Uint8Array): Buffer {
  const at = random(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
}

function part(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(random(bytes.length + 1)).subarray(0, random(300));
}

function replaceAll(bytes: Buffer, search: string, replacement: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(search, replacement), 'latin1');
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[random(from.length)] as T;
}

/** Cuts a text at random places. Chunks may be empty. */
export function cut(bytes: Buffer, random: Random): Buffer[] {
  const offsets = Array.from({ length: random(12) }, () => random(bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...offsets].map((from, index) => bytes.subarray(from, offsets[index] ?? bytes.length));
}
