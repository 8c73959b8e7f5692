import type { Contestant } from './contestant.js';
import type { Rig } from './rig.js';

/** One client for each kind of silence. */
export const TRIO = ['blocked', 'idle', 'subscriber'] as const;

const ANSWER_MS = 5_000;

/** Opens the three, and lets them fall silent. */
export async function openTrio(contestant: Contestant, host: string, port: number): Promise<void> {
  for (const name of TRIO) await contestant.open(name, { host, port });
  await contestant.call('subscriber', 'subscribe', 'news');
  await contestant.send('blocked', 'blpop', 'list', 0);
}

/** Those that do not answer, hear or get an item. */
export async function findDead({ observer }: Rig, contestant: Contestant, port: number): Promise<string[]> {
  const at = Date.now();
  await contestant.send('idle', 'ping');
  await observer.call(port, 'publish', 'news', 'hello');
  await observer.call(port, 'rpush', 'list', 'item');
  const signs = { blocked: 'reply', idle: 'reply', subscriber: 'message' };
  const heard = await Promise.all(
    TRIO.map(async (name) => ({ name, told: await contestant.next(at, signs[name], name, ANSWER_MS) })),
  );
  return heard.filter(({ told }) => !told).map(({ name }) => name);
}
