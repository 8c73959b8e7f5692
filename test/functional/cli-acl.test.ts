import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { requiredRights, requiredSentinelRights } from '../../src/doctor/server/acl-rights.js';
import { runCli } from '../support/command-io.js';
import { useRaw } from '../support/use-raw.js';
import { useRedis } from '../support/use-redis.js';
import { useSentinels } from '../support/use-sentinels.js';

// The rights in docs/acl.md are sufficient and necessary.

const redis = useRedis({ args: ['--cluster-enabled', 'yes'] });
const raw = useRaw(redis);
const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
const fleet = join(folder, 'fleet.yaml');
writeFileSync(fleet, 'targets: { main: }\nservices: { orders: { replicas: 1, connections: 1 } }\n');
afterAll(() => rmSync(folder, { recursive: true }));

const user = (rules: readonly string[]) => ['hygiene', 'reset', 'on', '>pw', '-@all', ...rules];

/** The arguments of each command. */
const commands = [
  ['clients', (url: string) => [url]],
  ['doctor', (url: string) => [url]],
  ['reap', (url: string) => [url, '--where', 'name=leaky', '--yes', '--settle', '0s']],
  ['budget', (url: string) => [fleet, '--live', url]],
] as const;

/** Runs a command as a user with these rights. `refused` lists the commands that the server refused. */
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

  test('works with the documented rights', async () => {
    expect(await runWith(requiredRights[command], command, argvFor)).toEqual({
      code: 0,
      stderr: '',
      refused: [],
    });
  });

  test.for(requiredRights[command])('needs %s', async (right) => {
    const otherRights = requiredRights[command].filter((rule) => rule !== right);
    const { refused } = await runWith(otherRights, command, argvFor);
    expect(refused).toContain(right.slice(1));
  });
});

test('doctor without a right prints the command that grants it', async () => {
  const otherRights = requiredRights.doctor.filter((rule) => rule !== '+config|get');
  const { code, stderr } = await runWith(otherRights, 'doctor', (url) => [url]);
  expect(code).toBe(0);
  expect(stderr).toContain('ACL SETUSER hygiene +config|get');
});

describe('clients through a sentinel', () => {
  const the = useSentinels();
  const serverRights = [...requiredRights.clients];

  async function runThrough(sentinelRights: readonly string[]) {
    const [sentinel] = the().sentinels;
    if (!sentinel) throw new Error('There is no sentinel.');
    for (const one of the().sentinels) await one.call('ACL', 'SETUSER', ...user(sentinelRights));
    for (const one of the().servers) await one.call('ACL', 'SETUSER', ...user(serverRights));
    const address = `redis://hygiene:pw@127.0.0.1:${sentinel.port}`;
    return runCli(['clients', '--sentinel', address, '--by', 'target']);
  }

  test('finds all servers and sentinels with the documented rights', async () => {
    await the().settled();
    const { code, stdout, stderr } = await runThrough(requiredSentinelRights);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { port } of [...the().servers, ...the().sentinels])
      expect(stdout).toContain(`127.0.0.1:${port}`);
  });

  test.for(requiredSentinelRights.filter((rule) => rule.includes('sentinel')))(
    'without %s prints the command that grants it',
    async (right) => {
      const { code, stderr } = await runThrough(requiredSentinelRights.filter((rule) => rule !== right));
      expect(code).toBe(2);
      expect(stderr).toContain(`ACL SETUSER hygiene ${right}`);
    },
  );
});
