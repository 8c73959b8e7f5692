import type { Contestant } from './contestant.js';
import type { Rig } from './rig.js';

/** Three clients, each idle in another way. */
export const TRIO = ['blocked', 'idle', 'subscriber'] as const;

const ANSWER_MS = 5_000;

/** Opens the three clients, which are idle afterwards. */
export async function openTrio(contestant: Contestant, host: string, port: number): Promise<void> {
  for (const name of TRIO) await contestant.open(name, { host, port });
  await contestant.call('subscriber', 'subscribe', 'news');
  await contestant.send('blocked', 'blpop', 'list', 0);
}

/** Names of the clients that get no reply, message or item. */
export async function findDead({ observer }: Rig, contestant: Contestant, port: number): Promise<string[]> {
  const at = Date.now();
  await contestant.send('idle', 'ping');
  await observer.call(port, 'publish', 'news', 'hello');
  await observer.call(port, 'rpush', 'list', 'item');
  const events = { blocked: 'reply', idle: 'reply', subscriber: 'message' };
  const results = await Promise.all(
    TRIO.map(async (name) => ({ name, report: await contestant.next(at, events[name], name, ANSWER_MS) })),
  );
  return results.filter(({ report }) => !report).map(({ name }) => name);
}
