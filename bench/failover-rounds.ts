import { setTimeout as sleep } from 'node:timers/promises';
import type { Node, Sentinels } from '../test/support/sentinels.js';
import type { Contestant } from './failover-contestant.js';

/** Causes of a failover. */
export const kinds = ['SENTINEL FAILOVER', 'SIGKILL', 'SIGSTOP'] as const;
export type Kind = (typeof kinds)[number];

/** Time limit for the first write in a round. A client without a write by then counts as never. */
export const FIRST_WRITE_LIMIT_MS = 30_000;

/** Time for the failover detectors of ioredis to subscribe, which they do after the client is connected. */
const DETECTORS_READY_MS = 1_000;

/** Times of one contestant in one failover, in seconds. Infinite if it did not write in time. */
export interface Result {
  readonly title: string;
  readonly kind: Kind;
  readonly fromTrigger: number;
  /** From the first `+switch-master` of any sentinel. */
  readonly fromSwitch: number;
}

const triggers: Readonly<Record<Kind, (topology: Sentinels, master: Node) => unknown>> = {
  'SENTINEL FAILOVER': (topology) => topology.failover(),
  SIGKILL: (_topology, master) => master.kill(),
  SIGSTOP: (_topology, master) => master.pause(),
};

/** Runs a failover. All contestants take part at the same time, each with a new client. */
export async function runRound(
  kind: Kind,
  topology: Sentinels,
  contestants: readonly Contestant[],
): Promise<readonly Result[]> {
  await topology.settled();
  await Promise.all(contestants.map((contestant) => contestant.open()));
  await sleep(DETECTORS_READY_MS);
  const master = await topology.master();

  const start = Date.now();
  await triggers[kind](topology, master);
  const { at, to } = await topology.switched(start);
  const results = contestants.map(async ({ spec: { title }, firstWriteAt }): Promise<Result> => {
    const first = (await firstWriteAt(to, FIRST_WRITE_LIMIT_MS)) ?? Infinity;
    return { title, kind, fromTrigger: (first - start) / 1_000, fromSwitch: (first - at) / 1_000 };
  });
  const all = await Promise.all(results);
  for (const contestant of contestants) contestant.close();
  await topology.rejoin(master);
  return all;
}
