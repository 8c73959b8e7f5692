import { afterEach, describe, expect, test } from 'vitest';
import { createRedisFactory } from '../../../src/index.js';
import { openRaw, type RawClients } from '../../support/doctor/raw.js';
import type { Finding } from '../../../src/doctor/audit/finding.js';
import { findingsIn, findingsOf, later } from '../../support/doctor/run.js';
import { eventually } from '../../support/eventually.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const open: RawClients[] = [];
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  open.splice(0).forEach((clients) => clients[Symbol.dispose]());
  await Promise.all(closers.splice(0).map((close) => close()));
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

/** Connections of one program, each of which sends these commands and waits for the replies. */
async function leak(count: number, ...commands: readonly string[]): Promise<RawClients> {
  const clients = await openRaw(redis.server, count, ...commands);
  open.push(clients);
  return clients;
}

const list = async () => String(await redis.admin.client('LIST'));

/** The list as another host sees it, after its connections were silent for some seconds. */
const silentFor = async (seconds: number) =>
  later(
    (await list()).replaceAll('addr=127.0.0.1', 'addr=10.0.0.9'),
    seconds,
    (line) => !line.includes('|list'),
  );

const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code).sort();

describe('leaks with a name are found on a server and in its saved list', () => {
  test.each([
    ['one name', 'CLIENT SETNAME sidekiq', 'abandoned-clients'],
    ['the name of a library', 'CLIENT SETNAME ioredisClusterSubscriber', 'abandoned-clients'],
    ['a name of redis-hygiene', 'CLIENT SETNAME orders@web-1', 'abandoned-clients'],
  ])('unused ones with %s', async (_, command, code) => {
    await leak(60, command);
    expect(codes(await findingsIn(await silentFor(6)))).toContain(code);
    await eventually(async () => expect(codes(await findingsOf(redis.server.url))).toContain(code), 30_000);
  });

  test('open transactions', async () => {
    await leak(60, 'CLIENT SETNAME cron', 'MULTI', 'INCR a');
    const findings = await findingsIn(await silentFor(70));
    expect(findings).toMatchObject([
      { code: 'abandoned-clients', owner: 'cron', evidence: { transactions: 60 } },
    ]);
  });

  test('ghosts that wait for jobs', async () => {
    const { sockets } = await leak(120, 'CLIENT SETNAME sidekiq');
    sockets.forEach((socket) => socket.write('BRPOP jobs 0\r\n'));
    await eventually(async () => expect((await list()).match(/flags=b/g)).toHaveLength(120));
    const findings = await findingsIn(await silentFor(7_200));
    expect(codes(findings)).toEqual(['connection-flood', 'orphan-consumers']);
    expect(findings[0]).toMatchObject({ owner: 'sidekiq' });
  });

  test('subscribers', async () => {
    await leak(120, 'CLIENT SETNAME ioredisClusterSubscriber', 'SUBSCRIBE a b c');
    const findings = await findingsIn(await silentFor(8_400));
    expect(codes(findings)).toEqual(['connection-flood', 'orphan-subscribers']);
    await eventually(async () => {
      expect(await findingsOf(redis.server.url)).toMatchObject([{ code: 'connection-flood' }]);
    }, 30_000);
  });
});

describe('100 clients that a service with redis-hygiene leaks', () => {
  /** Milliseconds between two heartbeats of the service. */
  const HEARTBEAT_MS = 1_000;

  test('are found when they were made, and for as long as heartbeats keep them alive', async () => {
    const factory = createRedisFactory({
      ...{ service: 'orders', host: 'web-1', connection: redis.server.url },
      ...{ heartbeatIntervalMs: HEARTBEAT_MS, limits: { connections: 120 } },
    });
    closers.push(() => factory.shutdown());
    await Promise.all(Array.from({ length: 100 }, () => factory.client().ping()));
    const ages = async () => [...(await list()).matchAll(/name=orders@web-1 age=(\d+) idle=(\d+) /g)];
    const youngest = async () => Math.min(...(await ages()).map(([, age]) => Number(age)));
    const expected = { owner: 'orders@web-1', evidence: { connections: 100 } };
    await eventually(async () => expect(await youngest()).toBeGreaterThan(5), 30_000);
    expect((await findingsOf(redis.server.url))[0]).toMatchObject(expected);
    await eventually(async () => {
      const heartbeats = (await ages()).filter(
        ([, age, idle]) => Number(age) > 9 && Number(age) - Number(idle) > 4,
      );
      expect(heartbeats).toHaveLength(100);
    }, 30_000);
    expect((await findingsOf(redis.server.url, '--heartbeat', '1s'))[0]).toMatchObject(expected);
    expect((await findingsIn(await list(), '--heartbeat', '1s'))[0]).toMatchObject(expected);
  });
});
