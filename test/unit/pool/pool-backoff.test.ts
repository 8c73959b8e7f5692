import { expect, test } from 'vitest';
import { createReopenBackoff } from '../../../src/pool/pool-backoff.js';

const bounds = { baseMs: 100, capMs: 10_000 };
const createBackoff = (now = () => 0) => createReopenBackoff({ now, random: () => 0.5 }, bounds);

test('the delay doubles with each early loss, up to the cap', () => {
  const { recordLoss, delayMs } = createBackoff();
  expect(delayMs()).toBe(0);
  const delays = Array.from({ length: 10 }, () => (recordLoss(999), delayMs()));
  expect(delays).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

test('the loss of a connection that lived for 1 s is not early, and ends the backoff', () => {
  const { recordLoss, delayMs } = createBackoff();
  expect([recordLoss(999), recordLoss(0), recordLoss(1_000)]).toEqual([true, true, false]);
  expect(delayMs()).toBe(0);
});

test('an answer of a young connection shortens the delay, and of an older one ends the backoff', () => {
  const { recordLoss, recordAnswer, delayMs, isActive } = createBackoff();
  expect(isActive()).toBe(false);
  for (let i = 0; i < 8; i += 1) recordLoss(10);
  recordAnswer(20);
  expect([delayMs(), isActive()]).toEqual([50, true]);
  recordAnswer(1_000);
  expect([delayMs(), isActive()]).toEqual([0, false]);
  recordAnswer(5);
  expect(delayMs()).toBe(0);
});

test('the delay counts from the loss: after a while without callers the next one does not wait', () => {
  let now = 1_000;
  const { recordLoss, delayMs } = createBackoff(() => now);
  for (let i = 0; i < 8; i += 1) recordLoss(10);
  now += 2_000;
  expect(delayMs()).toBe(3_000);
  now += 3_600_000;
  expect(delayMs()).toBe(0);
  recordLoss(10);
  expect(delayMs()).toBe(5_000);
});
