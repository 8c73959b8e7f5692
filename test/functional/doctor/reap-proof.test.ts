import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { clockAtWaits } from '../../support/clock-at-waits.js';
import { type CliEnvironment, runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { type Firewall, startFirewall } from '../../support/firewall.js';
import { printJson } from '../../support/printed-json.js';
import { useFactory } from '../../support/use-factory.js';
import { useRaw } from '../../support/use-raw.js';
import { useUnixRedis } from '../../support/use-unix-redis.js';

const redis = useUnixRedis();
const raw = useRaw(redis);
const orders = useFactory(redis);

let firewall: Firewall | undefined;
afterEach(async () => {
  await firewall?.[Symbol.asyncDispose]();
  firewall = undefined;
});

const reap = (args: readonly string[], environment: CliEnvironment = {}) =>
  runCli(['reap', redis.server.url, ...args, '--settle', '0s'], environment);

/** More than three heartbeats of a second, as the server counts them: in whole seconds. */
const SILENT_MS = 4_200;

const ASSUME = ['--heartbeat', '1s', '--assume-dead-after', '3s'];
/** With these options the second look follows after 1.2 heartbeats and a deadline of one more. */
const SECOND_LOOK_MS = 2_200;

/** Roles that only redis-hygiene gives. */
const ROLES = ['blocking', 'pool', 'subscriber'];
const namesOf = (host: string) => ROLES.map((role) => `orders@${host}#${role}`);

/** Opens a client of each role behind a firewall, which then forgets them: the server keeps their halves. */
async function loseClients(): Promise<void> {
  firewall = await startFirewall({ path: redis.path });
  const lost = orders.open({ host: 'lost', connection: firewall.url });
  for (const role of ROLES) await lost.client({ connectionName: role }).ping();
  firewall.forget();
  await lost.shutdown({ timeoutMs: 100 }); // the firewall drops the FIN
}

/** Opens a client whose kernel cannot be asked. */
async function openRemote(connectionName: string) {
  const [client] = await raw.open(1, { path: redis.path, connectionName });
  if (!client) throw new Error('No client was opened.');
  return client;
}

describe('without a proof', () => {
  test('a silent connection is left, and the reason is printed', async () => {
    await openRemote('orders@web-1#pool');
    await openRemote('orders@web-1#pool');
    await openRemote('orders@web-1');
    await openRemote('orders@web-1#jobs');
    const blocked = await openRemote('orders@web-1#blocking');
    void blocked.blpop('nothing', 0).catch(() => undefined);
    const queued = await openRemote('orders@web-1#cluster');
    await queued.call('MULTI');
    await openRemote('of-another-form');
    await sleep(SILENT_MS);
    const before = await redis.names();
    const { code, stdout, stderr } = await reap(['--heartbeat', '1s', '--yes']);
    const unknown = 'the kernel of its client cannot be asked from here';
    const left = (count: string, name: string, why: string) =>
      new RegExp(`^${count} left: ${name} from ${redis.path}, silent for (up to )?\\d+s; ${why}$`, 'm');
    expect(stdout).toMatch(/^\S+: 0 of \d+ clients closed\n/);
    expect(stdout).toMatch(
      left(
        '1 client',
        'orders@web-1',
        `that its name is one of redis-hygiene is not certain, and ${unknown}`,
      ),
    );
    expect(stdout).toMatch(
      left('1 client', 'orders@web-1#blocking', `it waits in a blocking command, and ${unknown}`),
    );
    expect(stdout).toMatch(
      left('1 client', 'orders@web-1#cluster', `it is in a transaction, and ${unknown}`),
    );
    expect(stdout).toMatch(
      left(
        '1 client',
        'orders@web-1#jobs',
        `whether clients of the role jobs send heartbeats is not known, and ${unknown}`,
      ),
    );
    expect(stdout).toMatch(left('2 clients', 'orders@web-1#pool', unknown));
    expect(stdout.match(/ left: /g)).toHaveLength(5);
    expect(stderr).toContain('What is left may be alive. Proofs: reap on the machine of the clients');
    expect(code).toBe(0);
    expect(await redis.names()).toEqual(before);
  });

  test('the connection of a process of this machine is neither closed nor mentioned, even with --assume-dead-after', async () => {
    await raw.open(1, { connectionName: 'orders@web-1#pool' });
    await raw.open(1, { connectionName: 'orders@web-1#subscriber' });
    await sleep(SILENT_MS);
    const { code, stdout, stderr } = await reap([...ASSUME, '--yes']);
    expect(stdout).toMatch(/^\S+: 0 of \d+ clients closed\n$/);
    expect([code, stderr]).toEqual([0, '']);
    expect(await redis.names()).toEqual(['orders@web-1#pool', 'orders@web-1#subscriber']);
  });

  test('JSON lists what is left', async () => {
    await openRemote('orders@web-1#pool');
    await sleep(SILENT_MS);
    const { document } = await printJson(['reap', redis.server.url, '--heartbeat', '1s']);
    expect(document).toMatchObject({ mode: 'dry-run', planned: 0, unproven: 1 });
    expect(document.targets).toMatchObject([
      {
        kills: [],
        unproven: [
          {
            name: 'orders@web-1#pool',
            addr: `${redis.path}:0`,
            why: 'the kernel of its client cannot be asked from here',
          },
        ],
      },
    ]);
  });
});

describe('--assume-dead-after', () => {
  test('closes silent connections, but none that is used before the second look', async () => {
    await loseClients();
    const late = await openRemote('orders@late#pool');
    await sleep(SILENT_MS);
    const clock = clockAtWaits(SECOND_LOOK_MS, () => late.ping());
    const { code, stdout } = await reap([...ASSUME, '--yes'], { clock });
    const line = (name: string) =>
      new RegExp(` ${name} {2}closed {2}silent for \\d+s, assumed to be dead after 3s$`, 'm');
    for (const name of namesOf('lost')) expect(stdout).toMatch(line(name));
    expect(stdout).toMatch(/ orders@late#pool {2}skipped {2}it was used in the meantime$/m);
    expect(stdout).toMatch(/: 3 of \d+ clients closed, 1 skipped$/m);
    expect(code).toBe(0);
    await eventually(async () => expect(await redis.names()).toEqual(['orders@late#pool']));
    expect(await late.ping()).toBe('PONG');
  });

  test('with --where and --stale closes only what matches too', async () => {
    await loseClients();
    await sleep(SILENT_MS);
    const { stdout } = await reap([...ASSUME, '--stale', '--where', 'name=orders@lost*l', '--yes']);
    expect(stdout.match(/closed {2}silent/g)).toHaveLength(1);
    const others = ['orders@lost#blocking', 'orders@lost#subscriber'];
    await eventually(async () => expect(await redis.names()).toEqual(others));
  });

  test('leaves a connection whose silence is shorter, and a plain name that another program may use', async () => {
    await openRemote('orders@web-1#pool');
    await openRemote('orders@web-1');
    await sleep(SILENT_MS);
    const { stdout } = await reap(['--heartbeat', '1s', '--assume-dead-after', '1h', '--yes']);
    expect(stdout).toMatch(/ left: orders@web-1#pool from .*; shorter than --assume-dead-after, and /);
    const assumed = await reap([...ASSUME, '--yes']);
    expect(assumed.stdout).toMatch(/ orders@web-1#pool {2}closed {2}/);
    expect(assumed.stdout).toMatch(
      / left: orders@web-1 from .*; that its name is one of redis-hygiene is not certain, /,
    );
    await eventually(async () => expect(await redis.names()).toEqual(['orders@web-1']));
  });
});

test('Ctrl-C before the second look ends the run at once, and closes nothing', async () => {
  await openRemote('orders@web-1#pool');
  await openRemote('orders@web-1#pool');
  await sleep(SILENT_MS);
  const stop = new AbortController();
  const clock = clockAtWaits(SECOND_LOOK_MS, () => {
    setImmediate(() => stop.abort());
    return new Promise(() => undefined); // the wait never ends by itself
  });
  const { code, stdout, stderr } = await reap([...ASSUME, '--yes'], { clock, signal: stop.signal });
  expect(stderr).toContain('Interrupted: 0 closed, 2 not.');
  expect([code, stdout]).toEqual([2, '']);
  expect(await redis.names()).toEqual(['orders@web-1#pool', 'orders@web-1#pool']);
});
