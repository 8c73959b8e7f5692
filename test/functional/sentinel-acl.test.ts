import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createRedisFactory, type HygieneError, type RedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useSentinels } from '../support/use-sentinels.js';
import { startWrites } from '../support/writes.js';

/** The rights that docs/sentinel.md names. */
const DOCUMENTED =
  '+auth +hello +client|setname +client|getname +client|id +ping +subscribe +unsubscribe &+switch-master ' +
  '+sentinel|get-master-addr-by-name +sentinel|master +sentinel|slaves +sentinel|sentinels +sentinel|myid';
/** The right to ask for the master's address, and no other. */
const MINIMAL = '+auth +hello +client|setname +client|getname +client|id +sentinel|get-master-addr-by-name';
const PASSWORD = 'watch:s3cret';
/** Time until polling detects a failover: the interval of 10 s, and the time for an answer. */
const MAX_DETECTION_MS = 12_000;

const topology = useSentinels();
let factory: RedisFactory | undefined;

afterEach(() => factory?.shutdown());

async function open(user: string, rights: string) {
  const rules = ['reset', 'on', `>${PASSWORD}`, ...rights.split(' ')];
  for (const sentinel of topology().sentinels) await sentinel.call('ACL', 'SETUSER', user, ...rules);
  const credentials = { sentinelUsername: user, sentinelPassword: PASSWORD };
  const connection = { ...topology().connection, ...credentials };
  const ours = (factory = createRedisFactory({ service: 'orders', host: 'web-1', connection }));
  const errors: HygieneError[] = [];
  ours.on('error', (error) => errors.push(error));
  return { ours, errors };
}

/** Expects one watcher on each sentinel, with this user. */
async function expectWatchers(user: string): Promise<void> {
  await eventually(async () => {
    for (const sentinel of topology().sentinels) {
      const list = String(await sentinel.call('CLIENT', 'LIST'));
      const rows = list.split('\n').filter((row) => row.includes('name=orders@web-1#sentinel '));
      expect(rows).toEqual([expect.stringContaining(` user=${user} `)]);
    }
  });
}

test.for([
  ['documented', DOCUMENTED, 'switch-master'],
  ['minimal', MINIMAL, 'query'],
] as const)(
  'a client with the %s rights on the sentinels finds the master and follows a failover',
  { timeout: 240_000 },
  async ([user, rights, detectedBy]) => {
    await topology().settled();
    const { ours, errors } = await open(user, rights);
    const failovers: object[] = [];
    ours.on('failover', (failover) => failovers.push(failover));
    const client = ours.client();
    client.on('error', () => undefined);
    const writes = startWrites(client, 'acl');
    try {
      const master = await topology().master();
      expect(await writes.arrival(master.port, 0, MAX_DETECTION_MS)).toBeDefined();
      await expectWatchers(user);
      await sleep(500); // subscribed, or refused
      const start = Date.now();
      const { at, to } = await topology().failover();
      const arrival = await writes.arrival(to, start, MAX_DETECTION_MS);
      const state = JSON.stringify({ to, status: client.status, failovers, connections: ours.connections() });
      expect((arrival?.at ?? Infinity) - at, state).toBeLessThan(MAX_DETECTION_MS);
      await eventually(() => expect(failovers).toHaveLength(1), MAX_DETECTION_MS);
      expect(failovers).toMatchObject([
        { to: `127.0.0.1:${to}`, ...(detectedBy === 'query' && { detectedBy }) },
      ]);
      expect(errors.map(({ code }) => code)).toEqual([]);
    } finally {
      writes.stop();
    }
  },
);

test('the documented rights suffice for role slave', async () => {
  const { ours } = await open('documented', DOCUMENTED);
  expect(await ours.client({ role: 'slave' }).call('ROLE')).toContain('slave');
});

test('the client error tells that a sentinel user lacks the rights', async () => {
  const { ours } = await open('none', '+auth +hello +client|setname +client|getname +client|id');
  const client = ours.client();
  const errors: unknown[] = [];
  client.on('error', (error) => errors.push(error));
  await eventually(() => expect(errors).not.toEqual([]));
  expect(errors[0]).toMatchObject({
    code: 'HYG_SENTINEL_UNREACHABLE',
    message: expect.stringMatching(/NOPERM|permission/i) as string,
  });
});
