import { expect, test } from 'vitest';
import { createLineFolder, FOLD_MS } from '../../../src/logs/fold-lines.js';
import type { LogLine } from '../../../src/logs/log-table.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';

function createFolder() {
  const clock = createFakeClock();
  const written: string[] = [];
  const folder = createLineFolder(clock, ({ message, fields: { count } }) =>
    written.push(typeof count === 'number' ? `${message} #${count}` : message),
  );
  const add = (key: string, message = key) =>
    folder.add({ level: 'warn', message, fields: { event: 'error' }, key } satisfies LogLine);
  return { clock, written, folder, add };
}

test('the first line of a fact is written at once, and those that follow at the end of its window', async () => {
  const { clock, written, add } = createFolder();
  for (let time = 0; time < 38; time += 1) add('lost');
  expect(written).toEqual(['lost']);
  await clock.advance(85);
  add('lost');
  await clock.advance(FOLD_MS - 86);
  expect(written).toEqual(['lost']);
  await clock.advance(1);
  expect(written).toEqual(['lost', 'lost (39 times in 85 ms) #39']);
});

test('a storm that goes on is one line in each window, and a quiet window ends it', async () => {
  const { clock, written, add } = createFolder();
  add('lost');
  for (const latest of ['second', 'third']) {
    add('lost', latest);
    await clock.advance(FOLD_MS);
  }
  expect(written).toEqual(['lost', 'second (2 times in 0 ms) #2', 'third #1']);
  await clock.advance(FOLD_MS);
  add('lost');
  expect(written.slice(3)).toEqual(['lost']);
});

test('different facts are not folded together', () => {
  const { written, add } = createFolder();
  add('one');
  add('other');
  expect(written).toEqual(['one', 'other']);
});

test('a flush writes what was folded, and folding goes on', async () => {
  const { clock, written, folder, add } = createFolder();
  add('lost');
  await clock.advance(2_500);
  add('lost');
  folder.flush(({ message }) => message === 'other');
  expect(written).toEqual(['lost']);
  folder.flush();
  add('lost');
  expect(written).toEqual(['lost', 'lost (2 times in 2.5 s) #2']);
  await clock.advance(FOLD_MS);
  expect(written).toHaveLength(3);
});

test('without folding, what was folded is written, and each line at once', async () => {
  const { clock, written, folder, add } = createFolder();
  add('lost');
  add('lost');
  folder.stopFolding();
  add('lost');
  add('lost');
  expect(written).toEqual(['lost', 'lost (2 times in 0 ms) #2', 'lost', 'lost']);
  await clock.advance(2 * FOLD_MS);
  expect(written).toHaveLength(4);
});

test('the facts of a storm of different ones are limited in number, and none of their lines is lost', async () => {
  const { clock, written, add } = createFolder();
  for (let fact = 0; fact < 2_000; fact += 1) add(`fact ${fact}`);
  expect(written).toHaveLength(501); // 500 facts, and the first of all others
  await clock.advance(FOLD_MS);
  expect(written.slice(501)).toEqual(['fact 1999 (1500 times in 0 ms) #1500']);
});

test('a logger that causes the same event again is folded, too', () => {
  const clock = createFakeClock();
  let calls = 0;
  const line: LogLine = { level: 'warn', message: 'lost', fields: { event: 'error' }, key: 'lost' };
  const folder = createLineFolder(clock, () => {
    calls += 1;
    folder.add(line);
  });
  folder.add(line);
  expect(calls).toBe(1);
});
