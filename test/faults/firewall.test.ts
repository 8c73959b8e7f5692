import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { record } from './figures/figure.js';
import { CONTESTANTS } from './rig/contestant.js';
import { findDead, openTrio, TRIO } from './rig/trio.js';
import { faults } from './rig/use-rig.js';

const IDLE_LIMIT_S = 20;
const WATCHED_MS = 180_000;

await faults('a firewall that forgets idle sessions', (rig) => {
  // One test for all contestants: the firewall of a rig affects all of its connections.
  test(`after ${IDLE_LIMIT_S} s, watched for ${WATCHED_MS / 1_000} s`, async (context) => {
    await rig().forgetIdle(IDLE_LIMIT_S);
    const outcomes = await Promise.all(
      CONTESTANTS.map(async (who) => {
        await using server = await rig().redis();
        await using contestant = await rig().contestant(who);
        await openTrio(contestant, server.host, server.port);
        const at = Date.now();
        await sleep(WATCHED_MS);
        const lost = contestant.since(at, 'reconnecting').length;
        const dead = await findDead(rig(), contestant, server.port);
        const row = `firewall forgets after ${IDLE_LIMIT_S} s, 3 clients for 180 s`;
        record(context, who, `5 connections lost, ${row}`, lost);
        record(context, who, `5 dead in the end, ${row}`, dead.join(' ') || 'none');
        return { who, lost, dead };
      }),
    );
    const of = (who: string) => outcomes.find((outcome) => outcome.who === who);
    expect(of('ours6')).toEqual({ who: 'ours6', lost: 0, dead: [] });
    expect(of('ours5')).toEqual({ who: 'ours5', lost: 0, dead: [] });
    // The firewall works: raw ioredis 5 sends no packet for two hours, so its sessions are forgotten.
    expect(of('raw5')?.dead).toEqual(TRIO);
  });
});
