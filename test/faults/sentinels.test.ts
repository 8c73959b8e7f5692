import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { record } from './figures/figure.js';
import { CONTESTANTS, type Contestant, type ContestantName } from './rig/contestant.js';
import type { Rig } from './rig/rig.js';
import { promoted, rowsOn, startWatched, type Watched } from './rig/sentinels.js';
import { faults } from './rig/use-rig.js';

const CUTS = Number(process.env['REDIS_HYGIENE_FAULTS_CUTS'] ?? 20);
const CLIENTS = ['one', 'two'];
const BACK_MS = 60_000;
/** Time after which cut connections change no more. */
const SETTLE_MS = 700;

/** Seconds within which a client learns of the switch when no sentinel could notify its process. */
const LEARNED_S = 12;
const WATCHED_S = 60;
const TRIGGERS = ['SENTINEL FAILOVER', 'SIGSTOP'] as const;

const isRaw = (who: ContestantName) => who.startsWith('raw');

/** Defaults for ours. Raw ioredis gets its failover detector, and keepalive so that it finishes in time. */
function optionsOf(who: ContestantName, { options }: Watched): object {
  return isRaw(who) ? { ...options, failoverDetector: true, keepAlive: 1_000 } : options;
}

/** Waits until every sentinel has a connection that is not in `old`. */
async function untilWatchedAgain(rig: Rig, { sentinels }: Watched, old: ReadonlySet<string>): Promise<void> {
  await eventually(async () => {
    const rows = await rowsOn(rig, sentinels);
    for (const list of rows) expect(list.filter(({ flow }) => !old.has(keyOf(flow)))).not.toEqual([]);
  }, BACK_MS);
}

const keyOf = (flow: object) => JSON.stringify(flow);

/** Cuts all connections of the contestant `CUTS` times, and waits each time until it is back. */
async function cutOften(rig: Rig, contestant: Contestant, watched: Watched): Promise<void> {
  const cut = new Set<string>();
  for (let round = 0; round < CUTS; round += 1) {
    await untilWatchedAgain(rig, watched, cut);
    await sleep(SETTLE_MS);
    const rows = (await rowsOn(rig, [watched.master, ...watched.sentinels])).flat();
    const fresh = rows.map(({ flow }) => flow).filter((flow) => !cut.has(keyOf(flow)));
    fresh.forEach((flow) => cut.add(keyOf(flow)));
    const at = await rig.cut(fresh);
    for (const name of CLIENTS) expect(await contestant.next(at, 'ready', name, BACK_MS)).toBeDefined();
  }
  await untilWatchedAgain(rig, watched, cut);
  await sleep(SETTLE_MS);
}

await faults('sentinels and their master', (rig) => {
  test.for(CONTESTANTS)(`after ${CUTS} cuts of all connections: %s`, async (who, context) => {
    const watched = await startWatched(rig());
    await using contestant = await rig().contestant(who);
    for (const name of CLIENTS) await contestant.open(name, optionsOf(who, watched));
    await cutOften(rig(), contestant, watched);

    const [master = [], ...sentinels] = await rowsOn(rig(), [watched.master, ...watched.sentinels]);
    const counts = sentinels.map((rows) => rows.length);
    record(context, who, `7 connections on each sentinel after ${CUTS} cuts, 2 clients`, counts.join(' '));
    record(context, who, `7 connections on the master after ${CUTS} cuts, 2 clients`, master.length);
    if (isRaw(who)) {
      // The rig produces the orphans that redis-hygiene prevents: one per client and cut, on each server.
      expect(Math.min(master.length, ...counts)).toBeGreaterThanOrEqual(CLIENTS.length * (CUTS + 1));
      return;
    }
    // A search for the master has a connection of its own, which it keeps for a moment.
    await eventually(async () => {
      const names = (await rowsOn(rig(), watched.sentinels)).map((rows) => rows.map(({ name }) => name));
      expect(names).toEqual(sentinels.map(() => ['faults@plain#sentinel']));
    }, BACK_MS);
    expect(master.map(({ name }) => name).sort()).toEqual(CLIENTS.map((name) => `faults@plain#${name}`));
  });

  const all = CONTESTANTS.flatMap((who) => TRIGGERS.map((trigger) => [who, trigger] as const));
  test.for(all)('when watchers are cut just before a failover: %s, %s', async ([who, trigger], context) => {
    const watched = await startWatched(rig());
    const { master, replica, sentinels } = watched;
    await using contestant = await rig().contestant(who);
    await contestant.open('one', optionsOf(who, watched));
    await contestant.write('one');
    await untilWatchedAgain(rig(), watched, new Set());
    await sleep(SETTLE_MS);

    const rows = (await rowsOn(rig(), sentinels)).flat();
    const start = await rig().cut(rows.map(({ flow }) => flow));
    if (trigger === 'SIGSTOP') master.pause();
    else await rig().observer.call(sentinels[0]?.port ?? 0, 'sentinel', 'failover', 'mymaster');
    const at = await promoted(rig(), watched, replica);
    const wrote = await contestant.next(start, `wrote ${replica.port}`, 'one', WATCHED_S * 1_000);
    const seconds = wrote && (wrote.at - at) / 1_000;
    const row = `7 first write after the switch, watchers cut before it, s: ${trigger}`;
    record(context, who, row, seconds?.toFixed(1) ?? `> ${WATCHED_S}`);
    if (!isRaw(who)) expect(seconds ?? Infinity).toBeLessThanOrEqual(LEARNED_S);
  });
});
