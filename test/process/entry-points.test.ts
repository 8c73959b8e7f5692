import { afterAll, beforeAll, expect, test } from 'vitest';
import { createConsumer, type Consumer } from '../support/consumer.js';
import { startProgram } from '../support/program.js';

let consumer: Consumer;
beforeAll(() => {
  consumer = createConsumer('ioredis');
});
afterAll(() => consumer[Symbol.dispose]());

async function loadedBy(entry: string): Promise<string[]> {
  const { stdout } = await startProgram(consumer, 'loads.mjs', { ENTRY: entry }).exit;
  return JSON.parse(stdout) as string[];
}

test('redis-hygiene alone loads no ioredis: the first factory does', async () => {
  expect(await loadedBy('redis-hygiene')).not.toContain('ioredis');
});

test('the drop-in loads ioredis, and no hooks', async () => {
  const loaded = await loadedBy('redis-hygiene/ioredis');
  expect(loaded).toContain('ioredis');
  expect(loaded).not.toContain('close-with-grace');
});
