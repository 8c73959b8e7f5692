import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type HealthReport, installShutdownHooks, type TargetHealth } from '../../src/index.js';
import { type ProcessHook, processHooks } from '../../src/shutdown/process-hooks.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

/** The shortest interval that is allowed: a connection is fresh for 1.5 s after its last bytes. */
const FAST = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300, reconnectCapMs: 100 };

const codesOf = ({ reasons }: Pick<TargetHealth, 'reasons'>) => reasons.map(({ code }) => code);

function only({ targets }: HealthReport): TargetHealth {
  const [target, ...others] = targets;
  expect(others).toEqual([]);
  return target ?? expect.unreachable('The report has no target.');
}

/** Waits until the health of the factory has this status and these codes. */
async function healthBecomes(status: HealthReport['status'], ...codes: string[]): Promise<HealthReport> {
  let report: HealthReport | undefined;
  await eventually(async () => {
    report = await orders.factory.health();
    expect([report.status, ...report.targets.flatMap(codesOf)]).toEqual([status, ...codes]);
  }, 20_000);
  return report ?? expect.unreachable();
}

/** PINGs that the server has received. */
async function countPings(): Promise<number> {
  const stats = await redis.admin.info('commandstats');
  return Number(/^cmdstat_ping:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}

describe('a factory is up', () => {
  test('when nothing is open, also with a lazy client and a pool without connections', async () => {
    const factory = orders.open();
    factory.client({ lazyConnect: true });
    factory.pool();
    expect(await factory.health()).toEqual({
      status: 'up',
      at: expect.any(Number) as number,
      reasons: [],
      targets: [],
    });
  });

  test('when all is ready, without a round trip', async () => {
    const factory = orders.open();
    await factory.client().ping();
    await factory.pool().use((client) => client.ping());
    const before = await countPings();
    const reports = await Promise.all(Array.from({ length: 20 }, () => factory.health()));
    expect(await countPings()).toBe(before);
    expect(new Set(reports.map(({ status }) => status))).toEqual(new Set(['up']));
    expect(only(reports[0] as HealthReport)).toEqual({
      target: redis.server.url,
      status: 'up',
      connections: { connecting: 0, connected: 0, ready: 2, reconnecting: 0 },
      reasons: [],
    });
  });

  test('with a library’s client, of which only its socket is known', async () => {
    const { Redis } = await import('ioredis');
    const client = new Redis(orders.open().options('queue'));
    await client.ping();
    const { connections, status } = only(await orders.factory.health());
    expect([status, connections.connected]).toEqual(['up', 1]);
    client.disconnect();
  });

  test('with a connection that blocks for long, which says that it was not verified', async () => {
    const client = orders.open(FAST).client();
    const blocked = client.blpop('nothing', 0).catch(() => undefined);
    const report = await healthBecomes('up', 'unverified');
    expect(only(report).reasons[0]).toMatchObject({ status: 'up', count: 1 });
    client.disconnect();
    await blocked;
  });

  test('in the mode observe', async () => {
    await orders.open({ mode: 'observe' }).client().ping();
    await healthBecomes('up');
  });

  test('with a server that was not heard for long and answers one PING, which all callers share', async () => {
    const factory = orders.open(FAST);
    await factory.client().ping();
    const before = await countPings();
    await pause(100); // longer than a round of the health checks, in which the answer to the first PING is noticed
    const end = Date.now() + 1_600;
    while (Date.now() < end); // a blocked process sends no heartbeat
    const reports = await Promise.all([factory.health(), factory.health(), factory.health()]);
    expect(reports.map(({ status }) => status)).toEqual(['up', 'up', 'up']);
    expect(reports.flatMap(({ targets }) => targets.flatMap(codesOf))).toEqual([]);
    const sent = (await countPings()) - before;
    expect(sent).toBeGreaterThanOrEqual(1);
    expect(sent).toBeLessThanOrEqual(2); // and perhaps the heartbeat’s own
  });
});

describe('a factory is down', () => {
  let server: RedisServer | undefined;
  afterEach(() => server?.stop());

  test('while its only client is being opened, and when its server is stopped', async () => {
    server = await startRedis();
    const client = orders.open({ connection: server.url, reconnectCapMs: 100 }).client();
    client.on('error', () => undefined);
    expect(await orders.factory.health()).toMatchObject({ status: 'down' });
    await healthBecomes('up');
    await server.stop();
    const report = await healthBecomes('down', 'not-ready');
    await eventually(async () =>
      expect(only(await orders.factory.health()).reasons[0]?.failure).toMatchObject({
        code: 'HYG_CONNECT_FAILED',
      }),
    );
    expect(only(report).connections.ready).toBe(0);
  });

  test('when its server hangs, within the timeout, and up again afterwards', async () => {
    server = await startRedis({ prefer: 'process' });
    const client = orders.open({ connection: server.url, ...FAST }).client();
    await client.ping();
    await server.pause();
    await eventually(
      async () =>
        expect(await orders.factory.health({ timeoutMs: 50 })).toMatchObject({
          status: 'down',
          targets: [{ reasons: [{ code: 'no-answer' }, { code: 'stalled' }] }],
        }),
      20_000,
    );
    await server.resume();
    await healthBecomes('up');
    expect(orders.errors).toEqual([]);
    expect(await client.ping()).toBe('PONG'); // the PINGs of health() are no replies of it
  });

  test('when a client has given up, until another one is ready', async () => {
    const factory = orders.open();
    const lost = factory.client({ host: '127.0.0.1', port: 1, retryStrategy: () => null });
    lost.on('error', () => undefined);
    await eventually(() => expect(lost.status).toBe('end'));
    const report = await healthBecomes('down', 'not-ready', 'gave-up');
    expect(only(report).reasons[0]?.failure?.message).toMatch(/ECONNREFUSED/);
    lost.disconnect(); // what the application has closed is no trouble
    await healthBecomes('up');
  });

  test('when a Cluster has given up', async () => {
    const cluster = orders
      .open()
      .cluster([{ host: '127.0.0.1', port: 1 }], { clusterRetryStrategy: () => null });
    cluster.on('error', () => undefined);
    await eventually(() => expect(cluster.status).toBe('end'));
    await healthBecomes('down', 'not-ready', 'gave-up');
    await expect(orders.factory.ready({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'HYG_NOT_READY' });
  });

  test('as soon as shutdown() has begun, and when it is done', async () => {
    const factory = orders.open();
    await factory.client().ping();
    const done = factory.shutdown();
    const during = await factory.health();
    await done;
    for (const report of [during, await factory.health()]) {
      expect([report.status, codesOf(report), report.targets]).toEqual(['down', ['shut-down'], []]);
    }
  });
});

describe('a factory is degraded', () => {
  test('while one client dials again and another one is ready', async () => {
    const factory = orders.open();
    const [client, other] = [factory.client(), factory.client({ retryStrategy: () => 60_000 })];
    await Promise.all([client.ping(), other.ping()]);
    await redis.admin.client('KILL', 'ID', await other.client('ID'));
    await healthBecomes('degraded', 'reconnecting');
  });

  test('while one connection is stalled and another one is heard', async () => {
    const factory = orders.open({ ...FAST, stallLimitMs: 60_000 });
    const [client, other] = [factory.client(), factory.client()];
    await Promise.all([client.ping(), other.ping()]);
    void other.call('CLIENT', 'REPLY', 'OFF').catch(() => undefined); // no answer to a heartbeat from now on
    await healthBecomes('degraded', 'stalled');
  });

  test('while a pool is exhausted', async () => {
    const pool = orders.open().pool({ max: 1 });
    const lease = await pool.acquire();
    const waiting = pool.acquire();
    const report = await healthBecomes('degraded', 'pool-exhausted');
    expect(only(report).reasons[0]).toMatchObject({
      count: 1,
      message: expect.stringContaining(pool.name) as string,
    });
    await lease.release();
    await (await waiting).release();
    await healthBecomes('up');
  });

  test('when 90 % of the budget are in use', async () => {
    const factory = orders.open({ limits: { connections: 10 } });
    const clients = Array.from({ length: 8 }, () => factory.client());
    await Promise.all(clients.map((client) => client.ping()));
    expect(codesOf(await factory.health())).toEqual([]);
    await factory.client().ping();
    expect(await factory.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ code: 'budget', count: 9 }],
    });
  });
});

describe('bad input', () => {
  test.for([{ timeoutMs: '1' }, { timeoutMs: 0 }, { timeout: 1 }, null] as const)(
    '%j is refused at once by health() and ready()',
    (options) => {
      const factory = orders.open();
      expect(() => factory.health(options as never)).toThrow(/^Option|^Unknown option/);
      expect(() => factory.ready(options as never)).toThrow(/^Option|^Unknown option/);
    },
  );
});

test('a factory is down from the signal on, while the before step of its hooks runs', async () => {
  const factory = orders.open();
  await factory.client().ping();
  const hooks: ProcessHook[] = [];
  const add = vi.spyOn(processHooks, 'add').mockImplementation((hook) => void hooks.push(hook));
  const codes: string[] = [];
  installShutdownHooks(factory, { before: async () => void codes.push(...codesOf(await factory.health())) });
  add.mockRestore();
  expect((await factory.health()).status).toBe('up');
  await hooks[0]?.begin('SIGTERM').stopped;
  expect(codes).toEqual(['shut-down']);
});
