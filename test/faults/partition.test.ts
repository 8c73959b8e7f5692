import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { record } from './figures/figure.js';
import { CONTESTANTS, OURS, type Contestant } from './rig/contestant.js';
import type { Rig } from './rig/rig.js';
import { findDead, openTrio, TRIO } from './rig/trio.js';
import { faults } from './rig/use-rig.js';

const PARTITION_MS = 60_000;
/** A dial of 10 s that began just before the end of the partition, and the longest delay after it. */
const BACK_MS = 45_000;

/** Names of all rows, sorted. One per client once all clients are back and no orphan is left. */
async function namesOn({ observer }: Rig, port: number): Promise<string[]> {
  return (await observer.rows(port)).map(({ name }) => name.replace(/.*#/, '')).sort();
}

/** Whether `ready` is the last reported state of each client. */
function areReady({ reports }: Contestant): boolean {
  const moves = reports.filter(({ event }) => event === 'ready' || event === 'reconnecting');
  return TRIO.every((name) => moves.findLast(({ client }) => client === name)?.event === 'ready');
}

/** Seconds until each client is ready and has one row. */
async function untilBack(rig: Rig, contestant: Contestant, port: number): Promise<number | undefined> {
  const from = Date.now();
  while (Date.now() - from < BACK_MS) {
    if (areReady(contestant) && (await namesOn(rig, port)).join() === TRIO.join()) {
      return (Date.now() - from) / 1_000;
    }
    await sleep(200);
  }
  return undefined;
}

await faults('a partition', (rig) => {
  // One test for all contestants: a partition affects all connections of the rig.
  test(`of ${PARTITION_MS / 1_000} s, healed`, async (context) => {
    // The rig ends the servers and the contestants.
    const pairs = await Promise.all(
      CONTESTANTS.map(async (who) => {
        const server = await rig().redis();
        const contestant = await rig().contestant(who);
        await openTrio(contestant, server.host, server.port);
        return { who, contestant, port: server.port };
      }),
    );
    await rig().partition();
    await sleep(PARTITION_MS);
    await rig().heal();
    const outcomes = await Promise.all(
      pairs.map(async ({ who, contestant, port }) => {
        const seconds = await untilBack(rig(), contestant, port);
        const rows = await namesOn(rig(), port);
        const dead = await findDead(rig(), contestant, port);
        record(context, who, '9 connections of 3 clients after a partition of 60 s', rows.length);
        record(context, who, '9 dead in the end', dead.join(' ') || 'none');
        record(
          context,
          who,
          '9 seconds from the heal to one row each',
          seconds?.toFixed(1) ?? `> ${BACK_MS / 1_000}`,
        );
        return { who, rows, dead };
      }),
    );
    const ours = outcomes.filter(({ who }) => who.startsWith('ours'));
    expect(ours).toEqual(OURS.map((who) => ({ who, rows: TRIO, dead: [] })));
  });
});
