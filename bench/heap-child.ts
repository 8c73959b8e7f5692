import type { Redis } from 'ioredis';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadLibrary } from './build.js';
import { close, createClientOpener, sides } from './contestants.js';

// Runs in a child process with --expose-gc. Each side has its own process, so that neither counts garbage of the other.

/** Times that all connections are opened and closed before the measurement. */
const WARM_UPS = 2;
const BATCH = 50;

/** Memory of one side, in bytes per idle connection. */
export interface HeapSample {
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
}

async function settledMemory(): Promise<NodeJS.MemoryUsage> {
  for (let times = 0; times < 5; times += 1) {
    globalThis.gc?.();
    await sleep(20); // finalizers run and handles close between two turns of the event loop
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
  // The first connections load and compile code, some of it only once many connections are open. With fewer connections
  // in the warm-up, this memory was sometimes counted for one of the sides.
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
// Higher than the default budget of 100, so that the requested number of connections can be opened.
const factoryOptions = { callSiteFrames: Number(callSiteFrames), limits: { connections: 10_000 } };
const open = createClientOpener(await loadLibrary(entry), address, factoryOptions);
const chosen = sides.find((one) => one === side) ?? 'raw';
process.send?.(await sample(() => open(chosen), Number(count)));
