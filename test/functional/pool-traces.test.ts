import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { findTraces } from '../support/pool-stress/check.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);

type Step = (client: Redis) => unknown;
const quiet = (work: Promise<unknown>): void => void work.catch(() => undefined);
const failing = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);

/** What is left, by what the next borrower gets: the same connection, cleaned by these commands, or another one. */
const kept: readonly (readonly [string, Step, ...string[]])[] = [
  ['nothing', (client) => client.get('k')],
  ['MULTI', (client) => client.multi({ pipeline: false }), 'discard'],
  ['MULTI by call', (client) => client.call('MULTI'), 'discard'],
  [
    'multi by call',
    async (client) => {
      await client.call('multi');
      await client.set('k', 1);
    },
    'discard',
  ],
  ['a transaction that ran', (client) => client.multi().get('k').exec()],
  [
    'a transaction in steps that ran',
    async (client) => {
      await client.multi({ pipeline: false });
      await client.exec();
    },
  ],
  ['WATCH', (client) => client.watch('hot'), 'unwatch'],
  [
    'WATCH that UNWATCH with an argument does not end',
    async (client) => {
      await client.watch('hot');
      await failing(client.call('UNWATCH', 'hot'));
    },
    'unwatch',
  ],
  [
    'WATCH and UNWATCH',
    async (client) => {
      await client.watch('hot');
      await client.unwatch();
    },
  ],
  [
    'WATCH and EXEC',
    async (client) => {
      await client.watch('hot');
      await client.multi().get('k').exec();
    },
  ],
  [
    'WATCH that DISCARD without MULTI does not end',
    async (client) => {
      await client.watch('hot');
      await failing(client.discard());
    },
    'unwatch',
  ],
  [
    'WATCH and UNWATCH within MULTI',
    async (client) => {
      await client.watch('hot');
      await client.call('MULTI');
      await client.call('UNWATCH');
    },
    'discard',
    'unwatch',
  ],
  ['SELECT', (client) => client.select(3), 'select'],
  [
    'SELECT and back',
    async (client) => {
      await client.select(3);
      await client.select(0);
    },
  ],
  ['SELECT by call', (client) => client.call('SELECT', '3'), 'select'],
  ['SELECT in a transaction', (client) => client.multi().select(3).exec(), 'select'],
  ['SELECT in a pipeline', (client) => client.pipeline().select(3).get('k').exec(), 'select'],
  ['CLIENT SETNAME', (client) => client.client('SETNAME', 'mine'), 'client|setname'],
  ['client setname by call', (client) => client.call('client', 'setname', 'mine'), 'client|setname'],
  ['CLIENT NO-EVICT', (client) => client.client('NO-EVICT', 'ON'), 'client|no-evict'],
  ['CLIENT TRACKING', (client) => failing(client.call('CLIENT', 'TRACKING', 'ON')), 'client|tracking'],
  [
    'CLIENT TRACKING that a wrong OFF does not end',
    async (client) => {
      await failing(client.call('CLIENT', 'TRACKING', 'ON'));
      await failing(client.call('CLIENT', 'TRACKING', 'OFF', 'MORE'));
    },
    'client|tracking',
  ],
  ['a command that nobody awaits', (client) => quiet(client.get('k'))],
  [
    'all of it',
    async (client) => {
      await client.watch('hot');
      await client.select(2);
      await client.client('SETNAME', 'mine');
      await client.call('MULTI');
    },
    'discard',
    'unwatch',
    'select',
    'client|setname',
  ],
];

const closed: readonly (readonly [string, Step])[] = [
  ['SUBSCRIBE', (client) => client.subscribe('news')],
  [
    'SUBSCRIBE and UNSUBSCRIBE',
    async (client) => {
      await client.subscribe('news');
      await client.unsubscribe('news');
    },
  ],
  ['PSUBSCRIBE', (client) => client.psubscribe('n*')],
  ['SSUBSCRIBE', (client) => client.ssubscribe('news')],
  ['BLPOP', (client) => quiet(client.blpop('nothing', 0))],
  [
    'BLPOP behind another command',
    (client) => {
      quiet(client.get('k'));
      quiet(client.call('BLPOP', 'nothing', '0'));
    },
  ],
  ['XREAD BLOCK', (client) => quiet(client.xread('BLOCK', 0, 'STREAMS', 'nothing', '$'))],
  ['WAIT', (client) => quiet(client.wait(1, 0))],
  ['CLIENT REPLY OFF', (client) => quiet(client.client('REPLY', 'OFF'))],
  ['CLIENT REPLY SKIP', (client) => quiet(client.call('client', 'reply', 'skip'))],
  ['AUTH', (client) => failing(client.call('AUTH', 'default', 'none'))],
  ['HELLO', (client) => failing(client.call('HELLO'))],
  ['RESET', (client) => client.call('RESET')],
  ['MONITOR by call', (client) => quiet(client.call('MONITOR'))],
  ['READONLY, on a server that refuses READWRITE', (client) => failing(client.readonly())],
  [
    'MULTI and EXEC with an argument, which a server may take for its end',
    async (client) => {
      await client.multi({ pipeline: false });
      await failing(client.call('EXEC', 'now'));
    },
  ],
];

async function commandsSent(): Promise<string[]> {
  const stats = await redis.admin.info('commandstats');
  return [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].flatMap(([, name = '', calls]) =>
    Array.from({ length: Number(calls) }, () => name),
  );
}

test.for(kept)('%s: the connection is lent again', async ([, step, ...cleaning]) => {
  await redis.admin.set('where', '0');
  const pool = the.open().pool({ max: 1 });
  const before = await pool.use((client) => client.client('ID'));
  const lease = await pool.acquire();
  await step(lease.client);
  await redis.admin.config('RESETSTAT');
  await lease.release();
  const cleaned = (await commandsSent()).filter((name) => !/^(config|info|get$)/.test(name));
  expect(cleaned.sort()).toEqual([...cleaning].sort());
  expect(await pool.use((client) => findTraces(client, pool.name))).toEqual([]);
  expect(await pool.use((client) => client.client('ID'))).toBe(before);
  expect(pool.statistics()).toMatchObject({ created: 1, size: 1, cleaning: 0 });
});

test.for(closed)('%s: the connection is closed', async ([, step]) => {
  await redis.admin.set('where', '0');
  const pool = the.open().pool({ max: 1 });
  const before = await pool.use((client) => client.client('ID'));
  await pool.use(step);
  expect(await pool.use((client) => findTraces(client, pool.name))).toEqual([]);
  expect(await pool.use((client) => client.client('ID'))).not.toBe(before);
  expect(pool.statistics()).toMatchObject({ created: 2, size: 1, closed: { dirty: 1 } });
  expect(await redis.names()).toEqual([pool.name]);
});

test('home is what the pool’s connection says: another database, and a role', async () => {
  const pool = the.open().pool({ max: 1, role: 'reports', connection: { db: 2 } });
  for (const db of [0, 1]) {
    await pool.use((client) => client.select(db));
    expect(await pool.use((client) => client.client('INFO'))).toMatch(/name=orders@web-1#reports .* db=2 /);
  }
  expect(pool.statistics()).toMatchObject({ created: 1 });
});
