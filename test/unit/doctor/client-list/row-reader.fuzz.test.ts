import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { createRowReader } from '../../../../src/doctor/client-list/row-reader.js';
import { fixtures } from '../../../support/unit/doctor/client-list/fixtures.js';
import { createRandom, cut, mutate, type Random } from '../../../support/unit/doctor/client-list/mutate.js';
import { read } from '../../../support/unit/doctor/client-list/read.js';

const MUTANTS = 100_000;
/** A mutant of some hundred bytes takes 0.1 ms. One that takes 5 s counts as a hang. */
const HANG_MS = 5_000;
/** With the same seed the same mutants come in the same order, so a failure can be reproduced. */
const SEED = 20_261_122;

const texts = fixtures.map(({ bytes }) => bytes);

/** A few rows from somewhere in a list. */
function excerpt(random: Random): Buffer {
  const text = texts[random(texts.length)] as Buffer;
  const from = random(2) === 0 ? 0 : random(text.length);
  return text.subarray(from, from + 200 + random(1_000));
}

test(
  `${MUTANTS} mutants are read or rejected, with the same result in any chunks`,
  { timeout: 300_000 },
  () => {
    const random = createRandom(SEED);
    let [rows, rejected, slowestMs] = [0, 0, 0];
    for (let mutant = 0; mutant < MUTANTS; mutant += 1) {
      const text = mutate(excerpt(random), texts, random);
      const chunks = cut(text, random);
      const start = performance.now();
      const whole = read(text);
      const chunked = read(...chunks);
      slowestMs = Math.max(slowestMs, performance.now() - start);
      // Compared as text first, because toEqual takes longer than the reading.
      if (JSON.stringify(chunked) !== JSON.stringify(whole)) {
        expect(chunked, `mutant ${mutant}: ${text.toString('base64', 0, 3_000)}`).toEqual(whole);
      }
      rows += whole.rows.length;
      if ('error' in whole.end) rejected += 1;
    }
    expect(slowestMs).toBeLessThan(HANG_MS);
    // Some mutants are readable, and some are not.
    expect(rows).toBeGreaterThan(MUTANTS);
    expect(rejected).toBeGreaterThan(MUTANTS / 100);
  },
);

describe('chunks of any size give the same rows', () => {
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

  test.each([7, 1_000])('of %i bytes, in a buffer that is reused for the next chunk', (size) => {
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

describe('memory stays bounded while reading 64 MiB of', () => {
  const MIB = 2 ** 20;
  const CHUNK_BYTES = 65_536;
  const repeat = (chunk: Buffer) => () => chunk;
  const line = (text: string) => Buffer.from(text);
  let counter = 0;
  const unique = (length: number) => String((counter += 1)).padStart(length, 'n');

  test.each([
    ['one endless line', repeat(Buffer.alloc(CHUNK_BYTES, 'x'))],
    ['one endless value', repeat(Buffer.alloc(CHUNK_BYTES, 'name='))],
    ['distinct rows of the greatest length', () => line(`addr=${unique(65_000)}:1 name=x\n`)],
    ['distinct short rows', () => line(`id=1 addr=${unique(200)}:1 name=${unique(200)}\n`.repeat(150))],
    ['blank lines', repeat(Buffer.alloc(CHUNK_BYTES, ' \r\n'))],
  ])('%s', async (_what, nextChunk) => {
    const reader = createRowReader((row) => void (row.text('addr') + row.text('ip') + row.text('name')));
    reader.write(line('id=1 addr=1.1.1.1:1 name=first\n'));
    const before = retainedBytes();
    for (let written = 0; written < 64 * MIB;) {
      const bytes = nextChunk();
      reader.write(bytes);
      written += bytes.length;
    }
    // The memory of buffers is freed a moment after their garbage collection.
    await vi.waitFor(() => expect((retainedBytes() - before) / MIB).toBeLessThan(16), { timeout: 5_000 });
    expect(reader.end().rows).toBeGreaterThanOrEqual(1);
  });
});

/** Bytes that the process uses after a garbage collection, on the heap and outside. */
function retainedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
