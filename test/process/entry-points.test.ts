import { afterAll, beforeAll, expect, test } from 'vitest';
import { createConsumer, type Consumer } from '../support/consumer.js';
import { startProgram } from '../support/program.js';

let consumer: Consumer;
beforeAll(() => {
  consumer = createConsumer('ioredis', ['express', 'fastify']);
});
afterAll(() => consumer[Symbol.dispose]());

async function loadedBy(entry: string): Promise<string[]> {
  const { stdout } = await startProgram(consumer, 'loads.mjs', { ENTRY: entry }).exit;
  return JSON.parse(stdout) as string[];
}

test('redis-hygiene does not load ioredis before the first factory is created', async () => {
  expect(await loadedBy('redis-hygiene')).not.toContain('ioredis');
});

test('redis-hygiene/testing loads neither ioredis nor a test runner', async () => {
  expect(await loadedBy('redis-hygiene/testing')).toEqual(['eventemitter3', 'redis-hygiene']);
});

test.each(['redis-hygiene/express', 'redis-hygiene/fastify'])('%s loads no framework', async (entry) => {
  const loaded = await loadedBy(entry);
  expect(loaded).toContain('redis-hygiene');
  expect(loaded.filter((name) => !['redis-hygiene', 'eventemitter3'].includes(name))).toEqual([]);
});

test('the drop-in loads ioredis, but not close-with-grace', async () => {
  const loaded = await loadedBy('redis-hygiene/ioredis');
  expect(loaded).toContain('ioredis');
  expect(loaded).not.toContain('close-with-grace');
});

test('a plain client and its shutdown load neither pools nor Cluster, Sentinel or subscribers', async () => {
  const { stdout } = await startProgram(consumer, 'chunks.mjs').exit;
  const loaded = JSON.parse(stdout) as string[];
  expect(loaded).toContain('runtime.cjs');
  const unneeded = ['cluster.cjs', 'pool.cjs', 'sentinel.cjs', 'subscriber.cjs'];
  expect(loaded.filter((file) => unneeded.includes(file))).toEqual([]);
});

test.for([
  ['redis-hygiene/nestjs', '@nestjs/common', 'bullmq'],
  ['redis-hygiene/bullmq', 'redis-hygiene', '@nestjs/common'],
] as const)('%s loads its own framework only, and not ioredis', async ([entry, own, other]) => {
  using nest = createConsumer('ioredis', ['@nestjs/common', 'bullmq', 'reflect-metadata', 'rxjs']);
  const { stdout } = await startProgram(nest, 'loads.mjs', { ENTRY: entry }).exit;
  const loaded = JSON.parse(stdout) as string[];
  expect(loaded).toContain(own);
  expect(
    loaded.filter((name) => [other, 'ioredis', '@nestjs/core', '@nestjs/terminus'].includes(name)),
  ).toEqual([]);
});
