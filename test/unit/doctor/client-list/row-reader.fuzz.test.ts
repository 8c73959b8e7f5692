import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { createRowReader } from '../../../../src/doctor/client-list/row-reader.js';
import { fixtures } from '../../../support/unit/doctor/client-list/fixtures.js';
import { createDice, cut, mutate, type Dice } from '../../../support/unit/doctor/client-list/mutate.js';
import { read } from '../../../support/unit/doctor/client-list/read.js';

const MUTANTS = 100_000;
/** A mutant of some hundred bytes takes 0.1 ms; one that takes so much longer is as good as a hang. */
const HANG_MS = 5_000;
/** A failure can be played again: with this seed the same mutants come in the same order. */
const SEED = 20_261_122;

const texts = fixtures.map(({ bytes }) => bytes);

/** A few rows from somewhere in a list. */
function excerpt(dice: Dice): Buffer {
  const text = texts[dice(texts.length)] as Buffer;
  const from = dice(2) === 0 ? 0 : dice(text.length);
  return text.subarray(from, from + 200 + dice(1_000));
}

test(
  `${MUTANTS} mutants are read or refused, and alike in whatever pieces they come`,
  { timeout: 300_000 },
  () => {
    const dice = createDice(SEED);
    let [rows, refused, slowestMs] = [0, 0, 0];
    for (let mutant = 0; mutant < MUTANTS; mutant += 1) {
      const text = mutate(excerpt(dice), texts, dice);
      const pieces = cut(text, dice);
      const start = performance.now();
      const whole = read(text);
      const pieced = read(...pieces);
      slowestMs = Math.max(slowestMs, performance.now() - start);
      // Compared as text first: toEqual takes longer than the reading.
      if (JSON.stringify(pieced) !== JSON.stringify(whole)) {
        expect(pieced, `mutant ${mutant}: ${text.toString('base64', 0, 3_000)}`).toEqual(whole);
      }
      rows += whole.rows.length;
      if ('refused' in whole.end) refused += 1;
    }
    expect(slowestMs).toBeLessThan(HANG_MS);
    // The mutants are neither all broken nor all whole.
    expect(rows).toBeGreaterThan(MUTANTS);
    expect(refused).toBeGreaterThan(MUTANTS / 100);
  },
);

describe('pieces of any size', () => {
  test.each(fixtures.map(({ file, bytes }) => [file, bytes] as const))('%s', (_file, bytes) => {
    const whole = read(bytes);
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect(read(...single)).toEqual(whole);
    for (const head of [bytes.subarray(0, 700), bytes.subarray(-700)]) {
      const expected = JSON.stringify(read(head));
      for (let at = 0; at <= head.length; at += 1) {
        const halves = read(head.subarray(0, at), head.subarray(at));
        expect(JSON.stringify(halves), `cut at ${at}`).toBe(expected);
      }
    }
  });

  test.each([7, 1_000])('of %i bytes, in a buffer that is used again for the next one', (size) => {
    const buffer = Buffer.alloc(size);
    for (const { file, bytes } of fixtures) {
      const ids: number[] = [];
      const reader = createRowReader((row) => ids.push(row.number('id')));
      for (let at = 0; at < bytes.length; at += size) {
        reader.write(buffer.subarray(0, bytes.copy(buffer, 0, at)));
        buffer.fill('#');
      }
      reader.end();
      const expected = read(bytes).rows.map((row) => Number(row['id as number']));
      expect(ids, file).toEqual(expected);
    }
  });
});

describe('what is kept while a text of any length is read', () => {
  const MIB = 2 ** 20;
  const PIECE_BYTES = 65_536;
  const always = (piece: Buffer) => () => piece;
  const line = (text: string) => Buffer.from(text);
  let counter = 0;
  const unique = (length: number) => String((counter += 1)).padStart(length, 'n');

  test.each([
    ['one line without end', always(Buffer.alloc(PIECE_BYTES, 'x'))],
    ['one value without end', always(Buffer.alloc(PIECE_BYTES, 'name='))],
    ['rows as long as a line may be, none like another', () => line(`addr=${unique(65_000)}:1 name=x\n`)],
    [
      'short rows, none like another',
      () => line(`id=1 addr=${unique(200)}:1 name=${unique(200)}\n`.repeat(150)),
    ],
    ['blanks', always(Buffer.alloc(PIECE_BYTES, ' \r\n'))],
  ])('%s', async (_what, piece) => {
    const reader = createRowReader((row) => void (row.text('addr') + row.text('ip') + row.text('name')));
    reader.write(line('id=1 addr=1.1.1.1:1 name=first\n'));
    const before = retainedBytes();
    for (let written = 0; written < 64 * MIB;) {
      const bytes = piece();
      reader.write(bytes);
      written += bytes.length;
    }
    // The memory of buffers is given back a moment after the buffers are gone.
    await vi.waitFor(() => expect((retainedBytes() - before) / MIB).toBeLessThan(16), { timeout: 5_000 });
    expect(reader.end().rows).toBeGreaterThanOrEqual(1);
  });
});

/** What the process holds once the garbage is gone, on the heap and beside it. */
function retainedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
