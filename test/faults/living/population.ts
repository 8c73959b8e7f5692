import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';
import type { Contestant } from '../rig/contestant.js';
import type { Row } from '../rig/flow.js';
import type { Rig } from '../rig/rig.js';
import type { FaultServer } from '../rig/server.js';

/** Number of clients by role. The role `worker` takes items in a loop with BLPOP. */
export type Population = Readonly<Record<string, number>>;

const OPEN_MS = 60_000;

export function total(counts: Population): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Rows of the clients that a contestant's factory has on a server. */
export async function rowsOfFactory(
  { observer }: Rig,
  { port }: Pick<FaultServer, 'port'>,
  factory: string,
): Promise<Row[]> {
  const owner = `faults@${factory}`;
  return (await observer.allRows(port)).filter(({ name }) => name === owner || name.startsWith(`${owner}#`));
}

/** Opens the given number of clients per role, and waits until the server lists them all. */
export async function openPopulation(
  rig: Rig,
  contestant: Contestant,
  { host, port }: FaultServer,
  counts: Population,
  from: string,
): Promise<void> {
  const before = (await rowsOfFactory(rig, { port }, from)).length;
  for (const [role, count] of Object.entries(counts)) {
    for (let made = 0; made < count; made += 1) {
      await contestant.dial(role, { host, port }, from);
      // Calls go to the client that was opened last with this name.
      if (role === 'subscriber') await contestant.call(role, 'subscribe', 'news');
      if (role === 'worker') await contestant.consume(role, 'list');
    }
  }
  await eventually(
    async () => expect(await rowsOfFactory(rig, { port }, from)).toHaveLength(before + total(counts)),
    OPEN_MS,
  );
}

/** Opens connections to a sentinel like those of incident 2: each subscribes, and nobody closes it. */
export async function openWatchers(
  contestant: Contestant,
  { host, port }: FaultServer,
  count: number,
  from: string,
): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    await contestant.dial('sentinel', { host, port }, from);
    await contestant.call('sentinel', 'subscribe', '+switch-master');
  }
}
