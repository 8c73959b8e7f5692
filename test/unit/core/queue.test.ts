import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Queue } from '../../../src/core/queue.js';

test('returns the items in the order in which they were added, however push() and take() alternate', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === undefined) expect(queue.take()).toBe(model.shift());
        else {
          queue.push(step);
          model.push(step);
        }
        expect(queue.length).toBe(model.length);
      }
    }),
  );
});

test('take() of an empty queue returns undefined, and the queue can still be used', () => {
  const queue = new Queue<string>();
  expect([queue.take(), queue.length]).toEqual([undefined, 0]);
  queue.push('a');
  expect([queue.take(), queue.take(), queue.length]).toEqual(['a', undefined, 0]);
});

test('take() is as fast for a long queue as for a short one', () => {
  const queue = new Queue<number>();
  for (let item = 0; item < 200_000; item += 1) queue.push(item);
  // With shift() of an array, this takes a minute.
  for (let item = 0; item < 200_000; item += 1) {
    queue.push(item);
    queue.take();
  }
  expect([queue.length, queue.take()]).toEqual([200_000, 0]);
});
