import { setTimeout as sleep } from 'node:timers/promises';
import type { Node, Sentinels } from '../test/support/sentinels.js';
import type { Contestant } from './failover-contestant.js';

/** What ends a master's reign. */
export const kinds = ['SENTINEL FAILOVER', 'SIGKILL', 'SIGSTOP'] as const;
export type Kind = (typeof kinds)[number];

/** So long is a round watched; who has not written by then counts as never. */
export const WATCHED_MS = 30_000;

/** A detector subscribes behind the connection to its master. */
const DETECTORS_READY_MS = 1_000;

/** What one contestant did in one failover, in seconds; infinite where it did not write in time. */
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

/** A failover, which all contestants meet at the same time with a fresh client each. */
export async function runRound(
  kind: Kind,
  topology: Sentinels,
  contestants: readonly Contestant[],
): Promise<readonly Result[]> {
  await topology.settled();
  await Promise.all(contestants.map((one) => one.open()));
  await sleep(DETECTORS_READY_MS);
  const master = await topology.master();

  const start = Date.now();
  await triggers[kind](topology, master);
  const { at, to } = await topology.switched(start);
  const results = contestants.map(async ({ cast: { title }, wrote }): Promise<Result> => {
    const first = (await wrote(to, WATCHED_MS)) ?? Infinity;
    return { title, kind, fromTrigger: (first - start) / 1_000, fromSwitch: (first - at) / 1_000 };
  });
  const all = await Promise.all(results);
  for (const one of contestants) one.close();
  await topology.rejoin(master);
  return all;
}
