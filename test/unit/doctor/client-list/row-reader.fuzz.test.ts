import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { createRowReader } from '../../../../src/doctor/client-list/row-reader.js';
import { fixtures } from '../../../support/unit/doctor/client-list/fixtures.js';
import { read } from '../../../support/unit/doctor/client-list/read.js';
import { expectMutantsRead } from '../../../support/unit/doctor/client-list/read-mutants.js';

// row-reader.slow.test.ts reads ten times as many.
test('10 000 mutants are read or rejected, with the same result in any chunks', { timeout: 120_000 }, () =>
  expectMutantsRead(10_000),
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
  const line = (text: string) => Buffer.from(text);
  let counter = 0;
  const unique = (length: number) => String((counter += 1)).padStart(length, 'n');

  test.each([
    ['distinct rows of the greatest length', () => line(`addr=${unique(65_000)}:1 name=x\n`)],
    ['distinct short rows', () => line(`id=1 addr=${unique(200)}:1 name=${unique(200)}\n`.repeat(150))],
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

test.each([
  ['zeros, as /dev/zero has them', '\0'],
  ['one line', 'x'],
  ['one value', 'name='],
  ['blank lines', ' \r\n'],
])('an endless text behind the last row is rejected after 16 MiB: %s', (_what, text) => {
  const chunk = Buffer.alloc(65_536, text);
  const reader = createRowReader(() => undefined);
  reader.write(Buffer.from('id=1 addr=1.1.1.1:1 name=first\n'));
  for (let written = 0; written < 16 * 2 ** 20; written += chunk.length) reader.write(chunk);
  expect(() => reader.write(chunk)).toThrow(/16\.1 MiB of it contain no row/);
});
