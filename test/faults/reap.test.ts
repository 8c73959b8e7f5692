import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SENTINEL_CONNECTION_NAME } from '../../src/doctor/client-list/protected-rows.js';
import { record } from './figures/figure.js';
import { withRarePorts } from './rig/network.js';
import { openPopulation, openWatchers, total } from './living/population.js';
import type { Rig } from './rig/rig.js';
import type { FaultServer } from './rig/server.js';
import { faults } from './rig/use-rig.js';

const CLI = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

/** Connections per role whose process is killed behind a firewall: 1000 on Redis, 100 on Sentinel. */
const ORPHANS = { command: 400, pool: 200, subscriber: 200, blocking: 200 };
const ORPHANED_WATCHERS = 100;
/** Connections that stay healthy: idle ones, subscribers, and workers in BLPOP. */
const HEALTHY = { command: 80, pool: 40, subscriber: 40, worker: 40 };

const HEARTBEAT_MS = 5_000;
const OPTIONS = { heartbeatIntervalMs: HEARTBEAT_MS, limits: { connections: 5_000, perCallSite: 5_000 } };
/** Eight heartbeats prove any role to be stale; one more covers rounding and delays. */
const STALE_MS = 9 * HEARTBEAT_MS;

interface Counted {
  readonly ids: Set<number>;
  /** Connections of sentinels to this server. */
  readonly links: string[];
}

async function count({ observer }: Rig, { port }: Pick<FaultServer, 'port'>, host: string): Promise<Counted> {
  const list = String(await observer.call(port, 'client', 'LIST')).split('\n');
  const rows = (await observer.rows(port)).filter(({ name }) => name.startsWith(`faults@${host}`));
  const links = list.filter((row) => SENTINEL_CONNECTION_NAME.test(/ name=(\S*)/.exec(row)?.[1] ?? ''));
  return {
    ids: new Set(rows.map(({ id }) => id)),
    links: links.map((row) => row.split(' ', 2).join(' ')).sort(),
  };
}

async function master({ observer }: Rig, { port }: FaultServer): Promise<ReadonlyMap<string, string>> {
  const flat = (await observer.call(port, 'sentinel', 'master', 'mymaster')) as
    Record<string, string> | string[];
  if (!Array.isArray(flat)) return new Map(Object.entries(flat));
  return new Map(flat.flatMap((key, at) => (at % 2 ? [] : [[key, flat[at + 1] ?? ''] as const])));
}

await faults('orphans of a killed process', (rig) => {
  test(`reap closes ${total(ORPHANS)} orphans, and none of ${total(HEALTHY)} healthy connections`, async (context) => {
    await using redis = await rig().redis();
    await using sentinel = await rig().sentinel(redis);
    await using alive = await rig().contestant('ours6', { alive: OPTIONS });
    await openPopulation(rig(), alive, redis, HEALTHY, 'alive');
    {
      await using lost = await rig().contestant('ours6', { lost: OPTIONS });
      await withRarePorts(rig().tools, rig().namespaces.client, async () => {
        await openPopulation(rig(), lost, redis, ORPHANS, 'lost');
        await openWatchers(lost, sentinel, ORPHANED_WATCHERS, 'lost');
      });
      await sleep(2.5 * HEARTBEAT_MS); // every connection has been pinged
      const theirs = await Promise.all([redis, sentinel].map(({ port }) => rig().observer.rows(port)));
      await rig().cut(
        theirs.flat().flatMap(({ name, flow }) => (name.startsWith('faults@lost') ? [flow] : [])),
      );
    } // SIGKILL: the kernel closes the connections, but the servers do not receive that
    await sleep(STALE_MS);

    const before = await count(rig(), redis, 'alive');
    const orphans = await count(rig(), redis, 'lost');
    const watchers = await count(rig(), sentinel, 'lost');
    expect([before.ids.size, orphans.ids.size, watchers.ids.size]).toEqual([
      total(HEALTHY),
      total(ORPHANS),
      ORPHANED_WATCHERS,
    ]);
    expect(before.links).toHaveLength(2);
    const at = Date.now();

    const servers = [redis, sentinel].map(({ host, port }) => `${host}:${port}`);
    const reap = (...args: string[]) =>
      rig().runIn(
        rig().namespaces.client, // whose kernel knows that the process is gone
        process.execPath,
        CLI,
        'reap',
        ...servers,
        '--heartbeat',
        `${HEARTBEAT_MS}ms`,
        '--max',
        '5000',
        ...args,
      );
    const plan = await reap();
    expect(plan.match(/^CLIENT KILL ID /gm)).toHaveLength(total(ORPHANS) + ORPHANED_WATCHERS);
    expect((await count(rig(), redis, 'lost')).ids.size).toBe(total(ORPHANS));

    const start = performance.now();
    const report = JSON.parse(await reap('--yes', '--json')) as { closed: number };
    const seconds = (performance.now() - start) / 1000;
    expect(report).toMatchObject({ skipped: 0, failed: 0, untouched: 0, deferred: 0 });

    const left = [
      (await count(rig(), redis, 'lost')).ids.size,
      (await count(rig(), sentinel, 'lost')).ids.size,
    ];
    record(
      context,
      'ours6',
      `8 orphans closed by reap, of ${total(ORPHANS) + ORPHANED_WATCHERS}`,
      report.closed,
    );
    record(context, 'ours6', '8 seconds that reap took, start of Node included', seconds.toFixed(2));
    expect(left).toEqual([0, 0]);
    expect(report.closed).toBe(total(ORPHANS) + ORPHANED_WATCHERS);

    await sleep(2 * HEARTBEAT_MS); // time to notice a loss
    const after = await count(rig(), redis, 'alive');
    const touched = [...before.ids].filter((id) => !after.ids.has(id)).length;
    record(context, 'ours6', `8 healthy ones touched, of ${total(HEALTHY)}`, touched);
    expect(after).toEqual(before);
    for (const event of ['reconnecting', 'closed', 'stale', 'error'])
      expect(alive.since(at, event)).toEqual([]);

    const seen = await master(rig(), sentinel);
    expect(seen.get('flags')).toBe('master');
    expect(Number(seen.get('last-ok-ping-reply'))).toBeLessThan(3_000);
  });
});
