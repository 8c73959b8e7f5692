import { expect, test } from 'vitest';
import { createReopenBackoff } from '../../../src/pool/pool-backoff.js';

const bounds = { baseMs: 100, capMs: 10_000 };
const nursery = () => createReopenBackoff({ random: () => 0.5 }, bounds);

test('waits longer and longer between connections that die young', () => {
  const { lost, delayMs } = nursery();
  expect(delayMs()).toBe(0);
  const delays = Array.from({ length: 10 }, () => (lost(999), delayMs()));
  expect(delays).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
});

test('one that had lived for a second is no young death, and ends the backoff', () => {
  const { lost, delayMs } = nursery();
  expect([lost(999), lost(0), lost(1_000)]).toEqual([true, true, false]);
  expect(delayMs()).toBe(0);
});

test('one that has answered its borrower shortens the wait, and ends it where it has grown up', () => {
  const { lost, served, delayMs } = nursery();
  for (let i = 0; i < 8; i += 1) lost(10);
  served(20);
  expect(delayMs()).toBe(50);
  served(1_000);
  expect(delayMs()).toBe(0);
  served(5);
  expect(delayMs()).toBe(0);
});
