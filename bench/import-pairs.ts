import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sides, type Side } from './contestants.js';

const CHILD = fileURLToPath(new URL('./import-child.mjs', import.meta.url));

/** Rounds that are run first and not counted, so that the files are in the page cache. */
const WARM_UP_ROUNDS = 2;

/** The command lines of the two sides, after `node`. */
export type Pair = Readonly<Record<Side, readonly string[]>>;

/** Milliseconds of all starts. The n-th starts of both sides were measured one after the other. */
export type Times = Readonly<Record<Side, number[]>>;

/** A pair of programs that load a library, in a process of their own, and measure it there. */
export function loadPair(how: 'import' | 'require', ours: readonly string[], raw: readonly string[]): Pair {
  return { raw: [CHILD, how, ...raw], ours: [CHILD, how, ...ours] };
}

/** Starts both sides in turn, in alternating order, so that other load on the machine affects both alike. */
export async function measurePairs(pair: Pair, rounds: number): Promise<Times> {
  const times: Times = { raw: [], ours: [] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const ms = await startOnce(pair[side]);
      if (round >= 0) times[side].push(ms);
    }
  }
  return times;
}

/** The time that the program sends, or else the time from its start to its end. @throws Error if it fails */
async function startOnce(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  let sent: number | undefined;
  child.on('message', (message) => (sent = (message as { ms: number }).ms));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with code ${String(code)}`);
  return sent ?? performance.now() - start;
}
