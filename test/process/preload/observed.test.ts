import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Consumer } from '../../support/consumer.js';
import { eventually } from '../../support/eventually.js';
import {
  createObservedApplication,
  NODE_REDIS_COPIES,
  type ObservedProgram,
  startObserved,
} from '../../support/observed-program.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
let application: Consumer;

beforeAll(() => {
  application = createObservedApplication();
});
afterAll(() => application[Symbol.dispose]());

const start = (env: NodeJS.ProcessEnv = {}): Promise<ObservedProgram> =>
  startObserved(application, { REDIS_URL: redis.server.url, ...env });

/** Closes the connections of all programs, as a server does that restarts. */
async function killAll(): Promise<void> {
  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

describe.for(NODE_REDIS_COPIES)('node-redis (%s)', (LIBRARY) => {
  test('the ledger follows a client from connect() over a loss to its end', async () => {
    await using program = await start({ LIBRARY });
    expect(await program.act('create')).toMatchObject({ connections: [], used: 0 });
    await program.act('connect');
    const { connections, lines } = await program.agreesOn(1, redis.rows);
    const { host, port } = redis.server;
    expect(connections[0]).toMatchObject({
      name: 'consumer@web-1#node-redis',
      role: 'node-redis',
      target: `redis://${host}:${port}`,
      callSite: expect.arrayContaining([expect.stringMatching(/observed\.mjs:\d+:\d+\)?$/)]) as string[],
      dials: 1,
    });
    expect(lines).toEqual([[connections[0]?.callSite[0], 1]]);
    const [before] = await redis.rows();
    await killAll();
    await eventually(async () => expect((await redis.rows()).map(({ id }) => id)).not.toContain(before?.id));
    await program.act('set', 1);
    expect((await program.agreesOn(1, redis.rows)).connections[0]?.dials).toBeGreaterThan(1);
    await program.act('close');
    await program.agreesOn(0, redis.rows);
  });

  test('a duplicate has a call site of its own, and an entry of its own', async () => {
    await using program = await start({ LIBRARY });
    await program.act('client');
    await program.act('duplicate');
    const { connections } = await program.agreesOn(2, redis.rows);
    expect(new Set(connections.map(({ callSite }) => callSite[0])).size).toBe(2);
    await program.act('destroy');
    await program.agreesOn(1, redis.rows);
  });

  test('a client that cannot connect is in the ledger while it dials', async () => {
    await using program = await start({ LIBRARY });
    await program.act('dial', { url: 'redis://127.0.0.1:1' });
    await eventually(async () => {
      const { connections, used } = await program.act('look');
      expect(connections.map(({ state }) => state)).toEqual(['reconnecting']);
      expect(used).toBe(1);
    });
    await program.act('destroy');
    await program.agreesOn(0, redis.rows);
    const refused = await program.act('client', {
      url: 'redis://127.0.0.1:1',
      socket: { reconnectStrategy: false },
    });
    expect(refused).toMatchObject({
      error: expect.stringContaining('ECONNREFUSED'),
      connections: [],
      used: 0,
    });
    const password = { username: 'nobody', password: 'wrong', socket: { reconnectStrategy: false } };
    expect(await program.act('client', password)).toMatchObject({ connections: [], used: 0 });
  });

  test('many clients of one line cause one warning with the line, and a full budget one warning', async () => {
    const program = await start({
      LIBRARY,
      REDIS_HYGIENE_LIMITS_CONNECTIONS: '11',
      REDIS_HYGIENE_BUDGET: 'refuse',
    });
    expect((await program.act('many', 12)).error).toBeUndefined();
    await program.agreesOn(12, redis.rows);
    void program.act('exit').catch(() => undefined);
    const { stderr } = await program.exit;
    expect(stderr.match(/HYG_\w+/g)?.sort()).toEqual(['HYG_PRELOAD_BUDGET', 'HYG_PRELOAD_SUSPECT']);
    expect(stderr).toMatch(/observed\.mjs:\d+:\d+\)? has 11 clients open, more than the limit of 10\./);
  });

  test('at shutdown commands are answered, connections are closed, and the process ends', async () => {
    const program = await start({ LIBRARY, REDIS_HYGIENE_SHUTDOWN: 'SIGTERM' });
    await program.act('client');
    await program.act('duplicate');
    await program.act('begin', 100);
    const { report } = await program.shutDown();
    expect(report).toMatchObject({ closed: 2, forced: 0 });
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    expect(await redis.rows()).toEqual([]);
    expect(await redis.admin.get('key-99')).toBe('99');
  });
});
