import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { grants, sentinelGrants } from '../../src/doctor/server/acl-rights.js';
import { runCli } from '../support/command-io.js';
import { useRaw } from '../support/use-raw.js';
import { useRedis } from '../support/use-redis.js';
import { useSentinels } from '../support/use-sentinels.js';

// docs/acl.md: its lines are enough, and nothing in them is too much.

const redis = useRedis({ args: ['--cluster-enabled', 'yes'] });
const raw = useRaw(redis);
const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
const fleet = join(folder, 'fleet.yaml');
writeFileSync(fleet, 'targets: { main: }\nservices: { orders: { replicas: 1, connections: 1 } }\n');
afterAll(() => rmSync(folder, { recursive: true }));

const user = (rules: readonly string[]) => ['hygiene', 'reset', 'on', '>pw', '-@all', ...rules];

/** What each command is run with. */
const commands = [
  ['clients', (url: string) => [url]],
  ['doctor', (url: string) => [url]],
  ['reap', (url: string) => [url, '--where', 'name=leaky', '--yes']],
  ['budget', (url: string) => [fleet, '--live', url]],
] as const;

/** Runs a command as a user with these rights; gives what the server refused, too. */
async function runWith(
  rules: readonly string[],
  command: string,
  argvFor: (url: string) => readonly string[],
) {
  await redis.admin.call('ACL', ['SETUSER', ...user(rules)]);
  await redis.admin.call('ACL', 'LOG', 'RESET');
  const url = redis.server.url.replace('//', '//hygiene:pw@');
  const { code, stderr } = await runCli([command, ...argvFor(url)]);
  const log = (await redis.admin.call('ACL', 'LOG')) as readonly (readonly unknown[])[];
  const refused = log.map((entry) => String(entry[entry.indexOf('object') + 1]));
  return { code, stderr, refused: [...new Set(refused)] };
}

describe.for(commands)('%s', ([command, argvFor]) => {
  beforeEach(async () => {
    await raw.open(1, { connectionName: 'leaky' });
  });

  test('can do all of its work with the rights of its line', async () => {
    expect(await runWith(grants[command], command, argvFor)).toEqual({ code: 0, stderr: '', refused: [] });
  });

  test.for(grants[command])('asks for %s', async (right) => {
    const others = grants[command].filter((rule) => rule !== right);
    const { refused } = await runWith(others, command, argvFor);
    expect(refused).toContain(right.slice(1));
  });
});

test('the doctor says what it may not ask, and how to grant it', async () => {
  const others = grants.doctor.filter((rule) => rule !== '+config|get');
  const { code, stderr } = await runWith(others, 'doctor', (url) => [url]);
  expect(code).toBe(0);
  expect(stderr).toContain('ACL SETUSER hygiene +config|get');
});

describe('through a sentinel', () => {
  const the = useSentinels();
  const servers = [...grants.clients];

  async function runThrough(sentinelRules: readonly string[]) {
    const [sentinel] = the().sentinels;
    if (!sentinel) throw new Error('There is no sentinel.');
    for (const one of the().sentinels) await one.call('ACL', 'SETUSER', ...user(sentinelRules));
    for (const one of the().servers) await one.call('ACL', 'SETUSER', ...user(servers));
    const address = `redis://hygiene:pw@127.0.0.1:${sentinel.port}`;
    return runCli(['clients', '--sentinel', address, '--by', 'target']);
  }

  test('its line is enough to find, and to ask, all servers and sentinels', async () => {
    await the().settled();
    const { code, stdout, stderr } = await runThrough(sentinelGrants);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { port } of [...the().servers, ...the().sentinels])
      expect(stdout).toContain(`127.0.0.1:${port}`);
  });

  test.for(sentinelGrants.filter((rule) => rule.includes('sentinel')))(
    'without %s it says how to grant it',
    async (right) => {
      const { code, stderr } = await runThrough(sentinelGrants.filter((rule) => rule !== right));
      expect(code).toBe(2);
      expect(stderr).toContain(`ACL SETUSER hygiene ${right}`);
    },
  );
});
