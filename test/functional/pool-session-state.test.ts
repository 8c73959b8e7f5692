import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { findLeftoverState } from '../support/pool-stress/leftover-state.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const the = useFactory(redis);

type Action = (client: Redis) => unknown;
const ignoreError = (work: Promise<unknown>): void => void work.catch(() => undefined);
const allowError = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);

/** Actions after which the connection is used again, each with the commands that reset its state. */
const resettable: readonly (readonly [string, Action, ...string[]])[] = [
  ['GET', (client) => client.get('k')],
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
  ['a transaction that was executed', (client) => client.multi().get('k').exec()],
  [
    'a transaction in steps that was executed',
    async (client) => {
      await client.multi({ pipeline: false });
      await client.exec();
    },
  ],
  ['WATCH', (client) => client.watch('hot'), 'unwatch'],
  [
    'WATCH and UNWATCH with an argument, which the server refuses',
    async (client) => {
      await client.watch('hot');
      await allowError(client.call('UNWATCH', 'hot'));
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
    'WATCH and DISCARD without MULTI, which the server refuses',
    async (client) => {
      await client.watch('hot');
      await allowError(client.discard());
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
  [
    'WATCH, a MULTI that the server refuses, and EXEC without a transaction',
    async (client) => {
      await client.watch('hot');
      await allowError(client.call('multi', 'x'));
      await allowError(client.exec());
    },
    'unwatch',
  ],
  [
    'WATCH, MULTI and an EXEC that the server aborts',
    async (client) => {
      await client.watch('hot');
      await client.multi({ pipeline: false });
      await allowError(client.call('nosuch'));
      await allowError(client.exec());
    },
  ],
  [
    'MULTI and EXEC with an argument, which the server aborts',
    async (client) => {
      await client.multi({ pipeline: false });
      await allowError(client.call('EXEC', 'now'));
    },
  ],
  [
    'a transaction in steps whose EXEC nobody awaits',
    async (client) => {
      await client.watch('hot');
      await client.multi({ pipeline: false });
      ignoreError(client.exec());
    },
  ],
  ['SELECT that the server refuses', (client) => allowError(client.select(99))],
  ['AUTH that the server refuses', (client) => allowError(client.call('AUTH', 'nobody', 'none'))],
  ['SUBSCRIBE that the server refuses', (client) => allowError(client.call('SUBSCRIBE'))],
  ['RESET that the server refuses', (client) => allowError(client.call('RESET', 'x'))],
  ['READONLY that the server refuses', (client) => allowError(client.readonly())],
  ['CLIENT NO-EVICT that the server refuses', (client) => allowError(client.client('NO-EVICT', 'x' as 'ON'))],
  ['SELECT', (client) => client.select(3), 'select'],
  [
    'SELECT and SELECT of the default',
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
  ['CLIENT TRACKING', (client) => allowError(client.call('CLIENT', 'TRACKING', 'ON')), 'client|tracking'],
  [
    'CLIENT TRACKING and OFF with an argument, which the server refuses',
    async (client) => {
      await allowError(client.call('CLIENT', 'TRACKING', 'ON'));
      await allowError(client.call('CLIENT', 'TRACKING', 'OFF', 'MORE'));
    },
    'client|tracking',
  ],
  ['a command that nobody awaits', (client) => ignoreError(client.get('k'))],
  [
    'WATCH, SELECT, SETNAME and MULTI',
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

/** Actions after which the connection is closed. */
const unresettable: readonly (readonly [string, Action])[] = [
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
  ['BLPOP', (client) => ignoreError(client.blpop('nothing', 0))],
  [
    'BLPOP behind another command',
    (client) => {
      ignoreError(client.get('k'));
      ignoreError(client.call('BLPOP', 'nothing', '0'));
    },
  ],
  ['XREAD BLOCK', (client) => ignoreError(client.xread('BLOCK', 0, 'STREAMS', 'nothing', '$'))],
  ['WAIT', (client) => ignoreError(client.wait(1, 0))],
  ['CLIENT REPLY OFF', (client) => ignoreError(client.client('REPLY', 'OFF'))],
  ['CLIENT REPLY SKIP', (client) => ignoreError(client.call('client', 'reply', 'skip'))],
  ['AUTH', (client) => allowError(client.call('AUTH', 'default', 'none'))],
  ['HELLO', (client) => allowError(client.call('HELLO'))],
  ['RESET', (client) => client.call('RESET')],
  ['MONITOR by call', (client) => ignoreError(client.call('MONITOR'))],
];

async function commandsSent(): Promise<string[]> {
  const stats = await redis.admin.info('commandstats');
  return [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].flatMap(([, name = '', calls]) =>
    Array.from({ length: Number(calls) }, () => name),
  );
}

test.for(resettable)('after %s the connection is used again', async ([, act, ...resetCommands]) => {
  await redis.admin.set('where', '0');
  const pool = the.open().pool({ max: 1 });
  const before = await pool.use((client) => client.client('ID'));
  const lease = await pool.acquire();
  await act(lease.client);
  await redis.admin.config('RESETSTAT');
  await lease.release();
  const sent = (await commandsSent()).filter((name) => !/^(config|info|get$)/.test(name));
  expect(sent.sort()).toEqual([...resetCommands].sort());
  expect(await pool.use((client) => findLeftoverState(client, pool.name))).toEqual([]);
  expect(await pool.use((client) => client.client('ID'))).toBe(before);
  expect(pool.statistics()).toMatchObject({ created: 1, size: 1, resetting: 0 });
});

test.for(unresettable)('after %s the connection is closed', async ([, act]) => {
  await redis.admin.set('where', '0');
  const pool = the.open().pool({ max: 1 });
  const before = await pool.use((client) => client.client('ID'));
  await pool.use(act);
  expect(await pool.use((client) => findLeftoverState(client, pool.name))).toEqual([]);
  expect(await pool.use((client) => client.client('ID'))).not.toBe(before);
  expect(pool.statistics()).toMatchObject({ created: 2, size: 1, closed: { dirty: 1 } });
  expect(await redis.names()).toEqual([pool.name]);
});

test('the database and the role of the pool are the defaults to which its connections are reset', async () => {
  const pool = the.open().pool({ max: 1, role: 'reports', connection: { db: 2 } });
  for (const db of [0, 1]) {
    await pool.use((client) => client.select(db));
    expect(await pool.use((client) => client.client('INFO'))).toMatch(/name=orders@web-1#reports .* db=2 /);
  }
  expect(pool.statistics()).toMatchObject({ created: 1 });
});
