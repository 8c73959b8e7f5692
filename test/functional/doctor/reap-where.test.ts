import { expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis({ prefer: 'process' });
const raw = useRaw(redis);

/** Connections of three owners. */
const NAMES = [
  ...['orders@web-1#pool', 'orders@web-1#pool', 'orders@web-1#subscriber', 'orders@web-2#pool'],
  ...['mails@web-1', 'mails@web-1#pool', 'of-another-form'],
];

async function openAll(): Promise<void> {
  for (const connectionName of NAMES) await raw.open(1, { connectionName });
}

async function reap(filter: string, ...args: string[]) {
  return runCli(['reap', redis.server.url, '--where', filter, ...args, '--settle', '0s']);
}

/** Names of the connections that a dry run lists. */
async function selectedBy(filter: string): Promise<string[]> {
  const { code, stdout } = await reap(filter);
  expect(code).toBe(0);
  return [...stdout.matchAll(/^CLIENT KILL .* # (\S+), /gm)].map(([, name = '']) => name).sort();
}

test.each([
  ['service=orders role=pool', ['orders@web-1#pool', 'orders@web-1#pool', 'orders@web-2#pool']],
  ['owner=orders@web-1', ['orders@web-1#pool', 'orders@web-1#pool', 'orders@web-1#subscriber']],
  ['owner=mails*', ['mails@web-1', 'mails@web-1#pool']],
  ['service=mails role!=pool', ['mails@web-1']],
  ['host=web-2', ['orders@web-2#pool']],
  ['service!=orders name!= host=web*', ['mails@web-1', 'mails@web-1#pool']],
  ['service=orders name=*#subscriber', ['orders@web-1#subscriber']],
  ['service=bills', []],
])('%s selects by owner', async (filter, names) => {
  await openAll();
  expect(await selectedBy(filter)).toEqual(names);
});

test('with --yes only the connections of the owner are closed', async () => {
  await openAll();
  const { code, stdout } = await reap('service=orders role=pool', '--yes');
  expect(stdout).toMatch(/: 3 of \d+ clients closed\n$/);
  expect(code).toBe(0);
  const others = NAMES.filter((name) => !/^orders@.*#pool$/.test(name)).sort();
  await eventually(async () => expect(await redis.names()).toEqual(others));
});

test('without a source that an option names, nothing is closed', async () => {
  await openAll();
  const { code, stdout, stderr } = await reap('owner!=orders*', '--yes', '--docker-socket', '/missing.sock');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    /^error No container engine answers: \/missing\.sock .*\(HYG_ATTRIBUTION_SOURCE\)\n$/m,
  );
  expect(await redis.names()).toEqual([...NAMES].sort());
});

test.each([
  ['owners=orders', /there is no field "owners" \(owner, service, host, role, id, addr, /],
  ['owner>1', /"owner" is text, which only = and != compare/],
  ['role<=pool', /"role" is text, which only = and != compare/],
])('the filter %s is refused by reap and clients', async (filter, message) => {
  for (const command of ['reap', 'clients']) {
    const { code, stdout, stderr } = await runCli([command, redis.server.url, '--where', filter]);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('HYG_CLI_USAGE');
    expect([code, stdout]).toEqual([2, '']);
  }
});

test.each([
  [['--where', 'name=a', '--orphans', 'f'], '--orphans needs --stale beside --where'],
  [['--where', 'name=a', '--assume-dead-after', '1h'], '--assume-dead-after needs --stale beside --where'],
  [['--assume-dead-after', '2m'], '--assume-dead-after 2m is too short: expected at least 3m'],
  [
    ['--assume-dead-after', '29s', '--heartbeat', '10s'],
    'expected at least 30s, which is three times --heartbeat (10s)',
  ],
])('%j is refused before any server is connected', async (args, message) => {
  const { code, stdout, stderr } = await runCli(['reap', '127.0.0.1:1', ...args]);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('cannot be reached');
  expect([code, stdout]).toEqual([2, '']);
});

test('clients --where owner=… groups only the connections of the owner, also by a field of the row', async () => {
  await openAll();
  const argv = ['clients', redis.server.url, '--where', 'owner=orders@web-1', '--csv'];
  const groupsBy = async (key: string) => {
    const { code, stdout } = await runCli([...argv, '--by', key]);
    expect(code).toBe(0);
    const [, ...rows] = stdout.trim().split('\n');
    return rows.map((row) => row.split(',').slice(0, 2));
  };
  expect(await groupsBy('ip')).toEqual([['127.0.0.1', '3']]);
  expect(await groupsBy('owner')).toEqual([['orders@web-1', '3']]);
  expect(await groupsBy('role')).toEqual([
    ['pool', '2'],
    ['subscriber', '1'],
  ]);
});
