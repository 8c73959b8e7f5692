import bunyan from 'bunyan';
import { rmSync, symlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { pino } from 'pino';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import winston from 'winston';
import { type EventLog, type EventLogger, logEvents, type LogOptions } from '../../src/index.js';
import type { LoggedFactories } from '../../src/logs/log-events.js';
import { eventually } from '../support/eventually.js';
import { startRedis } from '../support/redis/index.js';
import { useFactory } from '../support/use-factory.js';
import { useUnixRedis } from '../support/use-unix-redis.js';

const redis = useUnixRedis();
const orders = useFactory(redis);

const FAST = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 300, reconnectCapMs: 100 };

let logs: EventLog[] = [];
afterEach(() => {
  logs.forEach((log) => log.stop());
  logs = [];
});

/** Starts a log, which is stopped after the test. */
function start(factories: LoggedFactories, logger: EventLogger, options?: LogOptions): EventLog {
  const log = logEvents(factories, logger, options);
  logs.push(log);
  return log;
}

type Line = Readonly<Record<string, unknown>>;

/** A stream that keeps the lines of JSON that are written to it. */
function collectJson(): { readonly lines: Line[]; readonly stream: Writable } {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().trim().split('\n')) lines.push(JSON.parse(line) as Line);
      done();
    },
  });
  return { lines, stream };
}

/** A logger of winston that keeps its lines of JSON. */
function createWinston() {
  const lines: Line[] = [];
  const logger = winston.createLogger({ format: winston.format.json(), transports: [] });
  const keep = new Writable({
    objectMode: true,
    write(info: Readonly<Record<symbol, string>>, _encoding, done) {
      lines.push(JSON.parse(info[Symbol.for('message')] ?? '') as Line);
      done();
    },
  });
  logger.pipe(keep);
  return { logger, lines };
}

/** A logger without known members, which keeps its lines. */
function collectText() {
  const lines: string[] = [];
  const add = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
  return { lines, debug: add('debug'), info: add('info'), warn: add('warn'), error: add('error') };
}

/** A factory whose only server is stopped, so that its client logs a loss and failed dials. */
async function loseServer(logger: EventLogger, options?: LogOptions): Promise<void> {
  await using server = await startRedis();
  const factory = orders.open({ connection: server.url, reconnectBaseMs: 1, reconnectCapMs: 100 });
  start(factory, logger, options);
  const client = factory.client();
  client.on('error', () => undefined);
  await client.ping();
  await server.stop();
  await eventually(() => expect(orders.errors.length).toBeGreaterThan(3));
}

describe('lines of a stopped server', () => {
  test('pino gets fields and a message; its levels count', async () => {
    const { lines, stream } = collectJson();
    await loseServer(pino({ name: 'app', level: 'info' }, stream));
    expect(lines).toMatchObject([
      {
        ...{ level: 40, name: 'app', event: 'reconnecting', connection: 'orders@web-1', role: 'command' },
        ...{ service: 'orders', host: 'web-1', msg: 'A Redis connection was lost' },
      },
      { level: 50, event: 'error', code: 'HYG_CONNECT_FAILED', connection: 'orders@web-1' },
    ]);
    expect(lines[1]?.['msg']).toMatch(/could not connect to redis:\/\/.*ECONNREFUSED/);
  });

  test('bunyan gets fields and a message', async () => {
    const { lines, stream } = collectJson();
    await loseServer(bunyan.createLogger({ name: 'app', stream }));
    expect(lines.map(({ level, event, name }) => [level, event, name])).toEqual([
      [40, 'reconnecting', 'app'],
      [50, 'error', 'app'],
    ]);
  });

  test('winston gets a message and fields', async () => {
    const { logger, lines } = createWinston();
    await loseServer(logger);
    // Without a transport of its own, this logger passes on all levels.
    expect(lines.filter(({ level }) => level !== 'debug')).toMatchObject([
      { level: 'warn', event: 'reconnecting', message: 'A Redis connection was lost' },
      { level: 'error', event: 'error', code: 'HYG_CONNECT_FAILED' },
    ]);
  });

  test('any other logger gets one text, and levels can be changed', async () => {
    const logger = collectText();
    await loseServer(logger, { levels: { reconnecting: 'info', error: 'off', ready: 'off', closed: 'off' } });
    expect(logger.lines[0]).toMatch(
      /^info A Redis connection was lost event=reconnecting connection=orders@web-1 role=command target=redis:\/\/\S+ from=ready .*service=orders host=web-1$/,
    );
    expect(logger.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  test('a logger like that of Nest, with log in place of info', async () => {
    const { lines, info: log, warn, error } = collectText();
    await loseServer({ log, warn, error }, { levels: { ready: 'info' } });
    expect(lines[0]).toMatch(/^info A Redis connection is ready/);
  });
});

describe('the end of an outage', () => {
  const lineWith = (words: RegExp, lines: readonly string[]) => lines.findIndex((line) => words.test(line));

  test.each(['a client', 'a pool'])('of %s is a line, after all lines of the outage', async (kind) => {
    const path = `${redis.path}.link`;
    symlinkSync(redis.path, path);
    onTestFinished(() => rmSync(path, { force: true }));
    const factory = orders.open({ connection: { path }, reconnectBaseMs: 1, reconnectCapMs: 100 });
    const logger = collectText();
    start(factory, logger);
    if (kind === 'a client') {
      const client = factory.client();
      client.on('error', () => undefined);
      await client.ping();
    } else await factory.pool({ min: 1, max: 1 }).use((client) => client.ping());
    expect(logger.lines.filter((line) => !line.startsWith('debug'))).toEqual([]);
    rmSync(path); // no dial is answered while the path leads nowhere
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await eventually(() => expect(orders.errors.length).toBeGreaterThan(3));
    symlinkSync(redis.path, path);
    await eventually(() =>
      expect(logger.lines.join('\n')).toMatch(/^info A Redis connection is ready again/m),
    );
    const lines = logger.lines.filter((line) => !line.startsWith('debug'));
    expect(lines.at(-1)).toMatch(
      /^info A Redis connection is ready again after [\d.]+ m?s event=ready .*outageMs=\d+/,
    );
    const folded = lineWith(/^error .*could not connect.*\(\d+ times in [\d.]+ m?s\).* lastAt=\d{13}/, lines);
    expect(folded).toBeGreaterThan(lineWith(/^warn A Redis connection was lost event/, lines));
    expect(Number(/ count=(\d+)/.exec(lines[folded] ?? '')?.[1])).toBe(
      orders.errors.filter(({ code }) => code === 'HYG_CONNECT_FAILED').length,
    );
  });
});

describe('storms', () => {
  test('what was folded is written by stop(), and nothing afterwards', async () => {
    const logger = collectText();
    const factory = orders.open();
    const log = start(factory, logger, { levels: { ready: 'info' } });
    await Promise.all(Array.from({ length: 8 }, () => factory.client().ping()));
    expect(logger.lines).toHaveLength(1);
    log.stop();
    expect(logger.lines[1]).toMatch(/^info A Redis connection is ready \(8 times in \d+ ms\) .* count=8 /);
    await factory.client().ping();
    await factory.shutdown();
    expect(logger.lines).toHaveLength(2);
  });

  test('shutdown() writes what was folded, and then its own line', async () => {
    const logger = collectText();
    const factory = orders.open();
    start(factory, logger, { levels: { ready: 'info' } });
    await Promise.all(Array.from({ length: 3 }, () => factory.client().ping()));
    await factory.shutdown();
    const words = logger.lines.map((line) => line.split(' event=')[0]);
    expect(words.slice(-1)).toEqual(['info All Redis connections are closed']);
    expect(words.join('\n')).toMatch(/^info A Redis connection is ready \(3 times in \d+ ms\)$/m);
    expect(words.join('\n')).toMatch(
      /^debug A Redis connection is closed \(shutdown\) \(3 times in \d+ ms\)$/m,
    );
  });
});

describe('what an on-call engineer has to see', () => {
  test('a server that hangs, and that answers again', async () => {
    await using server = await startRedis({ prefer: 'process' });
    const logger = collectText();
    const factory = orders.open({ connection: server.url, ...FAST });
    start(factory, logger);
    await factory.client().ping();
    await server.pause();
    await eventually(
      () => expect(logger.lines.join('\n')).toMatch(/^warn A Redis server does not answer/m),
      20_000,
    );
    await server.resume();
    await eventually(
      () => expect(logger.lines.join('\n')).toMatch(/^info A Redis server answers .* again/m),
      20_000,
    );
  });

  test('a full server', async () => {
    await using server = await startRedis({ args: ['--maxclients', '1'] });
    const { Redis } = await import('ioredis');
    const other = new Redis(server.url);
    await other.ping();
    const logger = collectText();
    const factory = orders.open({ connection: server.url });
    start(factory, logger);
    factory.client().on('error', () => undefined);
    await eventually(() => {
      expect(logger.lines.join('\n')).toMatch(
        /^warn A Redis server has reached its maxclients.* target=redis:/m,
      );
      expect(logger.lines.join('\n')).toMatch(/^error .* code=HYG_SERVER_FULL /m);
    });
    await eventually(async () => {
      const { status, targets } = await factory.health();
      expect([status, targets[0]?.reasons.map(({ code }) => code)]).toEqual([
        'down',
        ['not-ready', 'saturated'],
      ]);
    });
    other.disconnect();
  });

  test('an overdue lease, and a shutdown that forces connections', async () => {
    const logger = collectText();
    const factory = orders.open();
    start(factory, logger);
    const pool = factory.pool({ max: 1, leaseWarnMs: 20 });
    await pool.acquire();
    await eventually(() =>
      expect(logger.lines.join('\n')).toMatch(/^warn A lease of a Redis pool is overdue/m),
    );
    await factory.shutdown({ timeoutMs: 2_000 });
    expect(logger.lines.at(-1)).toMatch(/^warn All Redis connections are closed .* forced=1 .*leases=\["/);
  });
});

describe('a logger must not harm', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('one that %s is reported by a warning, and the service goes on', async (_how, method) => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    try {
      const factory = orders.open();
      start(
        factory,
        { info: method, warn: method, error: method },
        { levels: { ready: 'info', closed: 'info' } },
      );
      expect(await factory.client().ping()).toBe('PONG');
      await pause(20); // for an unhandled rejection, which would fail the test run
      expect(warnings.mock.calls.length).toBeLessThanOrEqual(1); // once in the life of the process
    } finally {
      warnings.mockRestore();
    }
  });

  test('no line holds a password, whatever it is a part of', async () => {
    await using server = await startRedis({ password: 'a-secret-password' });
    const objects: unknown[] = [];
    const keep = (...line: unknown[]) => void objects.push(line);
    const text = collectText();
    const url = server.url.replace('a-secret-password', 'wrong-secret-word');
    const factory = orders.open({ connection: url });
    start(factory, { debug: keep, info: keep, warn: keep, error: keep }, { format: 'fields-first' });
    start(factory, text);
    factory.client().on('error', () => undefined);
    const other = factory.client({ password: 'another-secret', connectionName: 'redis://u:some-secret@h' });
    other.on('error', () => undefined);
    await eventually(() => expect(text.lines.join('\n')).toContain('HYG_AUTH_REFUSED'));
    await factory.shutdown();
    const all = inspect(objects, { depth: 12 }) + text.lines.join('\n');
    expect(all).toContain('HYG_AUTH_REFUSED');
    expect(all).not.toMatch(/secret/);
  });

  test('a second call for the same factory and logger does not double the lines', async () => {
    const logger = collectText();
    const factory = orders.open();
    const first = start(factory, logger, { levels: { ready: 'info' } });
    expect(start(factory, logger)).toBe(first);
    await factory.client().ping();
    expect(logger.lines).toHaveLength(1);
    first.stop();
    const second = start(factory, logger);
    expect(second).not.toBe(first);
    first.stop(); // of the one that is stopped already
    expect(start(factory, logger)).toBe(second);
  });

  test('errors that are logged count as heard, so ioredis does not print them', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      const factory = orders.open({ connection: { host: '127.0.0.1', port: 1 } });
      const logger = collectText();
      start(factory, logger);
      factory.client();
      await eventually(() => expect(logger.lines.join('\n')).toContain('HYG_CONNECT_FAILED'));
      expect(print.mock.calls).toEqual([]);
    } finally {
      print.mockRestore();
    }
  });
});

test('with "process", all factories of the process are logged', async () => {
  const logger = collectText();
  start('process', logger, { levels: { ready: 'info' } });
  await orders.open().client().ping();
  const second = orders.open({ service: 'billing' });
  await second.client().ping();
  expect(logger.lines.filter((line) => line.startsWith('info A Redis connection is ready'))).toEqual([
    expect.stringMatching(/connection=orders@web-1 .*service=orders host=web-1$/),
    expect.stringMatching(/connection=billing@web-1 .*service=billing host=web-1$/),
  ]);
});

test.for([
  [undefined, console, {}],
  [{}, console, {}],
  ['process', {}, {}],
  ['process', undefined, {}],
  ['process', console, { level: 'info' }],
  ['process', console, { levels: { raedy: 'info' } }],
  ['process', console, { levels: { ready: 'warning' } }],
  ['process', console, { levels: { ready: 1 } }],
  ['process', console, { format: 'json' }],
] as const)('bad input %j is refused', ([factories, logger, options]) => {
  expect(() => logEvents(factories as never, logger as never, options as never)).toThrow(
    /^Option|^Unknown option/,
  );
});
