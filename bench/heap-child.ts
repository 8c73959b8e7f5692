import type { Redis } from 'ioredis';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadLibrary } from './build.js';
import { close, contestants, sides } from './contestants.js';

// Runs in a process of its own, so that neither side inherits the other's garbage: node --expose-gc.

/** How often all connections are opened and closed before they are measured. */
const WARM_UPS = 2;
const BATCH = 50;

/** What one side's process found, in bytes for each idle connection. */
export interface HeapSample {
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
}

async function settledMemory(): Promise<NodeJS.MemoryUsage> {
  for (let times = 0; times < 5; times += 1) {
    globalThis.gc?.();
    await sleep(20); // finalizers and closed handles go in the turns between
  }
  return process.memoryUsage();
}

async function openMany(open: () => Promise<Redis>, count: number): Promise<Redis[]> {
  const clients: Redis[] = [];
  while (clients.length < count) {
    const batch = Math.min(BATCH, count - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: batch }, open))));
  }
  return clients;
}

async function sample(open: () => Promise<Redis>, count: number): Promise<HeapSample> {
  // The first connections pay for code that is loaded and compiled once, in steps as they become many: with fewer of
  // them that lands in the figures of either side, by chance.
  for (let times = 0; times < WARM_UPS; times += 1) {
    await Promise.all((await openMany(open, count)).map(close));
  }
  const before = await settledMemory();
  const clients = await openMany(open, count);
  const after = await settledMemory();
  await Promise.all(clients.map(close));
  const perConnection = (key: keyof NodeJS.MemoryUsage) => (after[key] - before[key]) / count;
  return { heap: perConnection('heapUsed'), external: perConnection('external'), rss: perConnection('rss') };
}

const [entry = '', side, host = '', port, count, callSiteFrames] = process.argv.slice(2);
if (!globalThis.gc) throw new Error('Run this with --expose-gc.');
const address = { host, port: Number(port) };
// As many as are asked for: the budget of a service is a hundred.
const own = { callSiteFrames: Number(callSiteFrames), limits: { connections: 10_000 } };
const open = contestants(await loadLibrary(entry), address, own);
const chosen = sides.find((one) => one === side) ?? 'raw';
process.send?.(await sample(() => open(chosen), Number(count)));
