import { expect, test } from 'vitest';
import { record } from './figures/figure.js';
import { CONTESTANTS, type Contestant } from './rig/contestant.js';
import type { Direction } from './rig/faults.js';
import type { Rig } from './rig/rig.js';
import type { FaultServer } from './rig/server.js';
import { faults } from './rig/use-rig.js';

/** Raw ioredis may take hours to notice, so it is watched for this time only. */
const RAW_LIMIT_S = Number(process.env['REDIS_HYGIENE_FAULTS_RAW_LIMIT_S'] ?? 60);

/** Work of a client at the time of the cut. */
type Work = 'idle' | 'subscriber' | 'GET in flight' | 'BLPOP 0' | 'BLPOP 0 sent after the cut';

interface Case {
  readonly work: Work;
  readonly direction: Direction;
  readonly family: 'v4' | 'v6';
  readonly factory: 'defaults' | 'fast';
  /** Seconds within which redis-hygiene must close the socket. */
  readonly limit: number;
}

/** The interval of 15 s plus 20 %, and the deadline of 5 s. */
const DEFAULT_LIMIT = 23;
/** A blocked connection cannot be pinged. TCP keepalive finds it: 15 s idle time and 10 probes, one per second. */
const BLOCKED_LIMIT = 30;
/** The interval of 1 s plus 20 %, the deadline of 0.5 s, and some time for a busy machine. */
const FAST_LIMIT = 2;
const FACTORIES = { defaults: {}, fast: { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 } };

const DIRECTIONS = ['both', 'to-server', 'to-client'] as const;
const PINGED = ['idle', 'subscriber', 'GET in flight'] as const;
const BLOCKED = ['BLPOP 0', 'BLPOP 0 sent after the cut'] as const;

function cases(): Case[] {
  const one = (work: Work, direction: Direction, limit: number): Case => {
    return { work, direction, limit, family: 'v4', factory: 'defaults' };
  };
  return [
    ...PINGED.flatMap((work) => DIRECTIONS.map((direction) => one(work, direction, DEFAULT_LIMIT))),
    ...BLOCKED.flatMap((work) => DIRECTIONS.map((direction) => one(work, direction, BLOCKED_LIMIT))),
    ...PINGED.map((work): Case => ({ ...one(work, 'both', DEFAULT_LIMIT), family: 'v6' })),
    ...PINGED.map((work): Case => ({ ...one(work, 'both', FAST_LIMIT), factory: 'fast' })),
  ];
}

function nameOf({ work, direction, family, factory }: Case): string {
  const extras = [family === 'v6' ? 'IPv6' : '', factory === 'fast' ? '1000/500 ms' : ''].filter(Boolean);
  return [work, direction, ...extras].join(', ');
}

/** Seconds from the cut to the close of the old socket. `undefined`: it was not closed within the limit. */
type Noticed = readonly [name: string, seconds: number | undefined, limit: number];

async function measure(rig: Rig, contestant: Contestant, server: FaultServer, list: readonly Case[]) {
  const { observer, network } = rig;
  const named = list.map((one, index) => ({ ...one, title: nameOf(one), name: `c${index}` }));
  for (const { name, family, factory, work } of named) {
    const host = family === 'v6' ? network.servers.v6 : server.host;
    await contestant.open(name, { host, port: server.port }, factory);
    if (work === 'subscriber') await contestant.call(name, 'subscribe', 'news');
    if (work === 'BLPOP 0') await contestant.send(name, 'blpop', `nothing:${name}`, 0);
  }
  const rows = await observer.rows(server.port);
  const flowOf = (name: string) => {
    const row = rows.find((one) => one.name.endsWith(`#${name}`));
    if (!row) throw new Error(`${contestant.who}: no row of ${name}`);
    return row.flow;
  };
  const times = new Map<Direction, number>();
  for (const direction of DIRECTIONS) {
    const flows = named.filter((one) => one.direction === direction).map(({ name }) => flowOf(name));
    times.set(direction, await rig.cut(flows, direction));
  }
  for (const { name, work } of named) {
    if (work === 'GET in flight') await contestant.send(name, 'get', 'key');
    if (work === 'BLPOP 0 sent after the cut') await contestant.send(name, 'blpop', `nothing:${name}`, 0);
  }
  const waits = named.map(async ({ name, title, direction, limit }): Promise<Noticed> => {
    const at = times.get(direction) ?? 0;
    const watched = contestant.who.startsWith('raw') ? RAW_LIMIT_S : Math.max(RAW_LIMIT_S, limit);
    const lost = await contestant.next(at, 'reconnecting', name, watched * 1_000);
    return [title, lost && (lost.at - at) / 1_000, limit];
  });
  return Promise.all(waits);
}

await faults('a dead connection is noticed', (rig) => {
  test.for(CONTESTANTS)('by %s', async (who, context) => {
    await using server = await rig().redis();
    await using contestant = await rig().contestant(who, FACTORIES);
    const list = cases().filter(({ family, factory }) => {
      if (factory === 'fast') return who.startsWith('ours');
      return family === 'v4' || rig().network.servers.v6 !== undefined;
    });
    const noticed = await measure(rig(), contestant, server, list);
    for (const [name, seconds] of noticed) {
      record(context, who, `1 noticed, s: ${name}`, seconds?.toFixed(1) ?? `> ${RAW_LIMIT_S}`);
    }
    if (rig().network.servers.v6 === undefined) record(context, who, '1 noticed, s: IPv6', 'none here');
    if (who.startsWith('raw')) return;
    expect(noticed.filter(([, seconds, limit]) => (seconds ?? Infinity) > limit)).toEqual([]);
    // Each loss was reported once, with its cause: unacknowledged bytes, or unanswered keepalive probes.
    const causes = contestant.since(0, 'stale').map(({ client, detail }) => [client, detail?.['cause']]);
    const expected = list.map(({ work }, index) => [
      `c${index}`,
      work === 'BLPOP 0' ? 'keepalive' : 'kernel',
    ]);
    expect(causes.sort()).toEqual(expected.sort());
  });
});
