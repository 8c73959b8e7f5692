import { Redis as Raw, type Redis, type RedisOptions } from 'ioredis';
import { once } from 'node:events';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { PolicyEvent, RecoveredEvent, StaleEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { inTime } from '../support/in-time.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const address = () => ({ host: redis.server.host, port: redis.server.port });

const raw: Redis[] = [];
afterEach(() => raw.splice(0).forEach((client) => client.disconnect()));

/** Options that redis-hygiene makes of itself, or that carry the name. */
const OWN_OPTIONS = ['connectionName', 'Connector', 'retryStrategy'];

function comparable(options: RedisOptions): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !OWN_OPTIONS.includes(name)));
}

describe('in the mode observe', () => {
  test('a client has the options that ioredis would give it, and a name', async () => {
    const factory = orders.open({ mode: 'observe' });
    const given = { keepAlive: 5, connectTimeout: 0, enableReadyCheck: false, noDelay: false };
    const plain = new Raw({ ...address(), ...given });
    raw.push(plain);
    const client = factory.client(given);
    await Promise.all([client.ping(), client.duplicate().ping()]);
    expect(factory.mode).toBe('observe');
    expect(comparable(client.options)).toEqual(comparable(plain.options));
    vi.spyOn(Math, 'random').mockReturnValue(0.5); // ioredis 6 has jitter too
    onTestFinished(() => void vi.restoreAllMocks());
    expect([1, 5, 30].map((times) => client.options.retryStrategy?.(times))).toEqual(
      [1, 5, 30].map((times) => plain.options.retryStrategy?.(times)),
    );
    expect(await redis.names()).toEqual(['', 'orders@web-1', 'orders@web-1']);
    expect(factory.connections()).toHaveLength(2);
  });

  test('what enforce would replace is told', async () => {
    const factory = orders.open({ mode: 'observe' });
    const events: PolicyEvent[] = [];
    factory.on('policy', (event) => events.push(event));
    const client = factory.client({ keepAlive: 5 });
    await client.ping();
    expect(events).toMatchObject([{ option: 'keepAlive', given: 5, used: 15_000 }]);
    expect(client.options.keepAlive).toBe(5);
  });

  test('options that enforce refuses are passed on, and an error says so', async () => {
    const factory = orders.open({ mode: 'observe' });
    const client = factory.client({ commandTimeout: '9e3' as unknown as number, lazyConnect: true });
    await eventually(() => expect(orders.errors).toMatchObject([{ code: 'HYG_OPTION_TYPE' }]));
    expect(client.options.commandTimeout).toBe('9e3');
  });

  test('an EXEC whose WATCH was lost is executed, as in ioredis', async () => {
    const client = orders.open({ mode: 'observe' }).client();
    await client.watch('watched');
    const closed = once(client, 'close');
    client.stream.destroy();
    await closed;
    expect(await client.multi().set('watched', 'value').exec()).toEqual([[null, 'OK']]);
  });

  test('a full budget refuses nothing, and an error says so', async () => {
    const factory = orders.open({ mode: 'observe', limits: { connections: 2, perCallSite: 100 } });
    const clients = Array.from({ length: 4 }, () => factory.client());
    const pool = factory.pool({ max: 3 });
    await Promise.all([...clients.map((client) => client.ping()), pool.use((client) => client.ping())]);
    await eventually(() => expect(orders.errors[0]).toMatchObject({ code: 'HYG_LIMIT_CONNECTIONS' }));
    expect(factory.connections()).toHaveLength(5);
  });

  test('a server that does not answer is reported as stale, then as recovered, and its connection stays', async ({
    skip,
  }) => {
    if (redis.server.source === 'environment') skip('The server is shared: it cannot be paused.');
    const factory = orders.open({
      mode: 'observe',
      heartbeatIntervalMs: 1_000,
      heartbeatDeadlineMs: 300,
      stallLimitMs: 1_000,
    });
    const stale: StaleEvent[] = [];
    const recovered: RecoveredEvent[] = [];
    factory.on('stale', (event) => stale.push(event));
    factory.on('recovered', (event) => recovered.push(event));
    const client = factory.client();
    await client.ping();
    const { localPort } = factory.connections()[0] ?? {};
    const reply = client.get('key');
    await redis.server.pause();
    try {
      await vi.waitFor(() => expect(stale).toHaveLength(1), 15_000);
    } finally {
      await redis.server.resume();
    }
    expect(await reply).toBeNull();
    await eventually(() => expect(recovered).toHaveLength(1));
    expect(recovered[0]?.stalledMs).toBeGreaterThanOrEqual(1_000);
    expect(factory.connections()).toMatchObject([{ localPort, dials: 1, state: 'ready' }]);
    expect(factory.orphans()).toEqual([]);
  });

  test('shutdown() closes all connections', async () => {
    const factory = orders.open({ mode: 'observe' });
    await factory.client().ping();
    expect(await factory.shutdown()).toMatchObject({ closed: 1, forced: 0 });
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });
});

describe('in the environment', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('REDIS_HYGIENE_MODE takes precedence over the option, and numbers fill in for missing options', () => {
    vi.stubEnv('REDIS_HYGIENE_MODE', 'observe');
    vi.stubEnv('REDIS_HYGIENE_KEEP_ALIVE_MS', '20000');
    const factory = orders.open({ mode: 'enforce' });
    expect([factory.mode, factory.settings.keepAliveMs]).toEqual(['observe', 20_000]);
  });

  test('an invalid variable is an error event, and its default is used', async () => {
    vi.stubEnv('REDIS_HYGIENE_MODE', 'look');
    const factory = orders.open();
    expect(factory.mode).toBe('enforce');
    await eventually(() => expect(orders.errors).toMatchObject([{ code: 'HYG_VARIABLE' }]));
    expect(orders.errors[0]?.message).toContain('REDIS_HYGIENE_MODE is "look"');
  });

  test('REDIS_HYGIENE=off gives plain clients and Clusters of ioredis, which shutdown() closes', async () => {
    vi.stubEnv('REDIS_HYGIENE', 'off');
    const factory = orders.open();
    const client = factory.client({ keepAlive: 5 });
    const waiting = factory.client({ port: 1, lazyConnect: true });
    const cluster = factory.cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
    const plain = new Raw({ ...address(), keepAlive: 5 });
    raw.push(plain);
    await Promise.all([client.ping(), plain.ping()]);
    expect(factory.mode).toBe('off');
    expect(Object.getOwnPropertyNames(client).sort()).toEqual(Object.getOwnPropertyNames(plain).sort());
    expect(client.options).toEqual(plain.options);
    expect(factory.options('word')).toEqual(expect.objectContaining(address()));
    expect(await redis.names()).toEqual(['', '']);
    const other = factory.client(redis.server.url.replace('redis://', 'valkey://'));
    expect(await other.ping()).toBe('PONG');
    await factory.shutdown();
    await eventually(() =>
      expect([client.status, waiting.status, cluster.status]).toEqual(['end', 'end', 'end']),
    );
    expect(() => factory.client()).toThrow(expect.objectContaining({ code: 'HYG_SHUT_DOWN' }) as Error);
  });

  test('with REDIS_HYGIENE=off shutdown() reports what it closed, and does not wait for a blocking command', async () => {
    vi.stubEnv('REDIS_HYGIENE', 'off');
    const factory = orders.open({ shutdownTimeoutMs: 60_000 });
    const [idle, busy, blocked] = [factory.client(), factory.client(), factory.client()] as const;
    await Promise.all([idle, busy, blocked].map((client) => client.ping()));
    const reply = busy.set('off', 'value');
    const lost = blocked.blpop('nothing', 0).catch((error: unknown) => String(error));
    factory.client({ port: 1, retryStrategy: () => 600_000 }).on('error', () => undefined);
    const report = await inTime('the shutdown', factory.shutdown(), 10_000);
    expect(report).toMatchObject({ closed: 3, forced: 1, abandonedCommands: 1 });
    expect(report.connections.map(({ target }) => target)).toContain('redis://127.0.0.1:1');
    expect([await reply, await lost]).toEqual(['OK', 'Error: Connection is closed.']);
    expect(await redis.rows()).toEqual([]);
  });

  test('another value of REDIS_HYGIENE is reported, and switches nothing off', async () => {
    vi.stubEnv('REDIS_HYGIENE', 'false');
    const factory = orders.open();
    expect(factory.mode).toBe('enforce');
    const message = expect.stringContaining('REDIS_HYGIENE is "false"') as string;
    await eventually(() => expect(orders.errors).toMatchObject([{ code: 'HYG_VARIABLE', message }]));
  });
});
