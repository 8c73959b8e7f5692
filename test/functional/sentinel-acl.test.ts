import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type HygieneError, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useSentinels } from '../support/use-sentinels.js';
import { startWrites } from '../support/writes.js';

/** The line of docs/sentinel.md. */
const DOCUMENTED =
  '+auth +hello +client|setname +client|getname +client|id +ping +subscribe +unsubscribe &+switch-master ' +
  '+sentinel|get-master-addr-by-name +sentinel|master +sentinel|replicas +sentinel|sentinels +sentinel|myid';
/** It may ask where the master is, and nothing more. */
const LEAST = '+auth +hello +client|setname +client|getname +client|id +sentinel|get-master-addr-by-name';
const PASSWORD = 'watch:s3cret';
/** Ten seconds between two questions, and the time for an answer. */
const LEARNED_MS = 12_000;

const the = useSentinels();
let factory: RedisFactory | undefined;

afterEach(() => factory?.shutdown());

async function open(user: string, rights: string) {
  const rules = ['reset', 'on', `>${PASSWORD}`, ...rights.split(' ')];
  for (const sentinel of the().sentinels) await sentinel.call('ACL', 'SETUSER', user, ...rules);
  const credentials = { sentinelUsername: user, sentinelPassword: PASSWORD };
  const connection = { ...the().connection, ...credentials };
  const ours = (factory = createRedisFactory({ service: 'orders', host: 'web-1', connection }));
  const errors: HygieneError[] = [];
  ours.on('error', (error) => errors.push(error));
  return { ours, errors };
}

/** One on each sentinel, as this user. */
async function expectWatchers(user: string): Promise<void> {
  await eventually(async () => {
    for (const sentinel of the().sentinels) {
      const list = String(await sentinel.call('CLIENT', 'LIST'));
      const rows = list.split('\n').filter((row) => row.includes('name=orders@web-1#sentinel '));
      expect(rows).toEqual([expect.stringContaining(` user=${user} `)]);
    }
  });
}

test.for([
  ['documented', DOCUMENTED, 'switch-master'],
  ['least', LEAST, 'asked'],
] as const)(
  'a sentinel user with the %s rights finds the master and learns of a failover',
  { timeout: 240_000 },
  async ([user, rights, learned]) => {
    await the().settled();
    const { ours, errors } = await open(user, rights);
    const failovers: object[] = [];
    ours.on('failover', (failover) => failovers.push(failover));
    const client = ours.client();
    client.on('error', () => undefined);
    const writes = startWrites(client, 'acl');
    try {
      const master = await the().master();
      expect(await writes.arrival(master.port, 0, LEARNED_MS)).toBeDefined();
      await expectWatchers(user);
      await sleep(500); // subscribed, or refused
      const start = Date.now();
      const { at, to } = await the().failover();
      const arrival = await writes.arrival(to, start, LEARNED_MS);
      const state = JSON.stringify({ to, status: client.status, failovers, connections: ours.connections() });
      expect((arrival?.at ?? Infinity) - at, state).toBeLessThan(LEARNED_MS);
      await eventually(() => expect(failovers).toHaveLength(1), LEARNED_MS);
      expect(failovers).toMatchObject([{ to: `127.0.0.1:${to}`, ...(learned === 'asked' && { learned }) }]);
      expect(errors.map(({ code }) => code)).toEqual([]);
    } finally {
      writes.stop();
    }
  },
);

test('role slave works with the documented rights', async () => {
  const { ours } = await open('documented', DOCUMENTED);
  expect(await ours.client({ role: 'slave' }).call('ROLE')).toContain('slave');
});

test('a user that may ask nothing is told so', async () => {
  const { ours } = await open('none', '+auth +hello +client|setname +client|getname +client|id');
  const client = ours.client();
  const told: unknown[] = [];
  client.on('error', (error) => told.push(error));
  await eventually(() => expect(told).not.toEqual([]));
  expect(told[0]).toMatchObject({
    code: 'HYG_SENTINEL_UNREACHABLE',
    message: expect.stringMatching(/NOPERM|permission/i) as string,
  });
});
