/** Numbers from 0 up to, and without, `sides`; the same ones for the same seed. */
export type Dice = (sides: number) => number;

/** A linear congruential generator: enough to vary, and repeatable. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** Bytes that mean something to a reader, and some that should mean nothing. */
const TELLING = Buffer.from(' =\n\r"\\:[]#,x)\t\0', 'latin1');

/** Halves of characters, one too long, a surrogate, one beyond Unicode, marks of UTF-8 and UTF-16. */
const BROKEN_UTF8 = ['ff', 'c3', 'e282', 'c080', 'eda080', 'f4908080', 'efbbbf', 'fffe'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

const OPENINGS = ['"', '1) "', '  \n"', 'txt:', '\ufeff', '\ufeff1) "', '12', '$5579\r\n'].map((text) =>
  Buffer.from(text),
);
const BLANKS = ['  ', ' \0', '\t', ' = ', '\\x20', '\\', ''];

/** A line may have 65 536 bytes. */
const LONG_BYTES = [65_000, 65_536, 65_537, 140_000];
/** One in so many mutants gets a line of such length: they take a hundred times as long. */
const LONG_ONE_IN = 400;
const MOST_MUTATIONS = 6;

/** Changes a text in a few places, in the way that files get broken. */
export function mutate(text: Buffer, others: readonly Buffer[], dice: Dice): Buffer {
  let bytes = text;
  for (let left = dice(MOST_MUTATIONS) + 1; left > 0; left -= 1)
    bytes = pick(mutations, dice)(bytes, dice, others);
  return dice(LONG_ONE_IN) === 0 ? insert(bytes, dice, Buffer.alloc(pick(LONG_BYTES, dice), 'x')) : bytes;
}

type Mutation = (bytes: Buffer, dice: Dice, others: readonly Buffer[]) => Buffer;

const mutations: readonly Mutation[] = [
  (bytes, dice) => change(bytes, dice, (byte) => byte ^ (1 << dice(8))),
  (bytes, dice) => change(bytes, dice, () => TELLING[dice(TELLING.length)] as number),
  (bytes, dice) => insert(bytes, dice, TELLING.subarray(dice(TELLING.length)).subarray(0, 2)),
  (bytes, dice) => insert(bytes, dice, pick(BROKEN_UTF8, dice)),
  (bytes, dice) => insert(bytes, dice, part(bytes, dice)), // twice
  (bytes, dice, others) => insert(bytes, dice, part(pick(others, dice), dice)),
  (bytes, dice) => {
    const from = dice(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + dice(80))]);
  },
  (bytes, dice) => bytes.subarray(0, dice(bytes.length + 1)),
  (bytes, dice) => bytes.subarray(dice(bytes.length + 1)),
  (bytes) => replaceAll(bytes, '\n', '\r\n'),
  (bytes, dice) => replaceAll(bytes, ' ', pick(BLANKS, dice)),
  (bytes, dice) => Buffer.concat([pick(OPENINGS, dice), bytes]),
];

function change(bytes: Buffer, dice: Dice, by: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  const at = dice(copy.length);
  if (copy.length > 0) copy[at] = by(copy[at] as number);
  return copy;
}

function insert(bytes: Buffer, dice: Dice, piece: Uint8Array): Buffer {
  const at = dice(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function part(bytes: Buffer, dice: Dice): Buffer {
  return bytes.subarray(dice(bytes.length + 1)).subarray(0, dice(300));
}

function replaceAll(bytes: Buffer, what: string, by: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(what, by), 'latin1');
}

function pick<T>(from: readonly T[], dice: Dice): T {
  return from[dice(from.length)] as T;
}

/** Cuts a text at random places; pieces may be empty. */
export function cut(bytes: Buffer, dice: Dice): Buffer[] {
  const places = Array.from({ length: dice(12) }, () => dice(bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}
