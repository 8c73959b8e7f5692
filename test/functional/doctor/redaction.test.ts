import { describe, expect, test } from 'vitest';
import { groupKeys } from '../../../src/doctor/group/group-keys.js';
import { runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

// Credentials in what clients and servers say of themselves. A URL as the name of a connection is a common mistake.

const redis = useRedis({ prefer: 'process' });
const raw = useRaw(redis);

const url = (host: string) => `redis://user:sekret@${host}`;

/** A leak whose every text is a URL with a password. */
const LIST = Array.from(
  { length: 300 },
  (_, id) =>
    `id=${id + 1} addr=10.0.0.1:${4000 + id} laddr=10.0.0.2:6379 fd=8 name=${url('a')} age=9000 idle=9000 flags=N db=0 sub=0 psub=0 multi=-1 omem=0 events=r cmd=ping user=${url('b')} lib-name=lib(${url('c')}) lib-ver=${url('d')}\n`,
).join('');

describe('a password in a name, a user or a library is in no output', () => {
  const forms = [[], ['--json'], ['--csv']];
  const outputs = [
    ...groupKeys.flatMap((key) => forms.map((form) => ['clients', '--by', key, ...form])),
    ['clients', '--where', `name=${url('a')}`, '--json'],
    ['doctor'],
    ['doctor', '--json'],
  ];

  test.each(outputs.map((argv) => [argv.join(' '), argv] as const))('%s', async (_, argv) => {
    const { code, stdout, stderr } = await runCli([...argv, '--file', '-'], { stdin: LIST });
    expect(code).not.toBe(2);
    expect(stdout + stderr).not.toContain('sekret');
    expect(stdout.length).toBeGreaterThan(50);
  });

  test('clients and reap from a server', async () => {
    await raw.open(2, { connectionName: url('a') });
    for (const argv of [
      ['clients', '--json'],
      ['reap', '--where', `name=${url('a')}`],
    ]) {
      const { code, stdout, stderr } = await runCli([...argv, redis.server.url]);
      expect(code).toBe(0);
      expect(stdout + stderr).not.toContain('sekret');
      expect(stdout).toContain('redis://[redacted]@a');
    }
  });
});

test.each([
  ['as it is', url('a'), [url('a'), url('a')]],
  ['as it is shown', 'redis://[redacted]@a', [url('a'), url('a'), 'redis://other@a']],
  ['by its host', '*@b', [url('b')]],
])('reap --where finds a name with a password %s, and closes no other', async (_, pattern, closed) => {
  const names = [url('a'), url('a'), url('b'), 'redis://other@a', 'plain'];
  for (const connectionName of names) await raw.open(1, { connectionName });
  const { code, stdout } = await runCli([
    ...['reap', redis.server.url, '--where', `name=${pattern}`, '--yes', '--settle', '0s'],
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain(`: ${closed.length} of `);
  const left = [...names];
  for (const name of closed) left.splice(left.indexOf(name), 1);
  await eventually(async () => expect(await redis.names()).toEqual(left.sort()));
});
