import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { incident1List } from '../../support/incident-lists.js';
import { schemaErrors } from '../../support/json-schema.js';

const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-sources-'));
const list = join(folder, 'client-list');
const missing = join(folder, 'missing');
const badHosts = join(folder, 'hosts.txt');

beforeAll(() => {
  writeFileSync(list, incident1List());
  writeFileSync(badHosts, 'no-address name\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Options that name a source, and a way in which it cannot be asked. */
const unavailable: readonly (readonly [string, readonly string[], CommandEnv])[] = [
  ['a container engine that does not run', ['--docker'], { DOCKER_HOST: `unix://${missing}` }],
  ['a DOCKER_HOST of an unknown form', ['--docker'], { DOCKER_HOST: 'ssh://root@engine' }],
  ['a socket that does not exist', ['--docker-socket', missing], {}],
  ['Kubernetes without kubectl', ['--kubernetes'], { PATH: folder }],
  ['a file of pods that does not exist', ['--kubernetes-file', missing], {}],
  ['a hosts file that does not exist', ['--hosts', missing], {}],
  ['a hosts file with an invalid line', ['--hosts', badHosts], {}],
];
type CommandEnv = Readonly<Record<string, string>>;

describe.each(unavailable)('%s', (_, options, env) => {
  const WITHOUT = 'The command goes on without this source.';

  test('is a warning, and the doctor examines all the same', async () => {
    const { code, stdout, stderr } = await runCli(['doctor', '--file', list, ...options], { env });
    expect(stderr).toMatch(/^warning .+\n$/);
    expect(stderr).toContain(WITHOUT);
    expect(stdout).toContain('connection-flood');
    expect(code).toBe(1);
  });

  test('is listed in the warnings of --json', async () => {
    for (const command of ['doctor', 'clients'] as const) {
      const { stdout, code } = await runCli([command, '--file', list, '--json', ...options], { env });
      const document = JSON.parse(stdout) as { readonly warnings: readonly string[] };
      expect(document.warnings).toEqual([expect.stringContaining(WITHOUT)]);
      expect(schemaErrors(command, document)).toEqual([]);
      expect(code).toBe(command === 'doctor' ? 1 : 0);
    }
  });
});

test.each([
  ['container', { DOCKER_HOST: `unix://${missing}` }, /No container engine answers/],
  ['pod', { PATH: folder }, /kubectl/],
])('clients --by %s asks the source that knows it', async (by, env, warning) => {
  const { code, stdout, stderr } = await runCli(['clients', '--file', list, '--by', by], { env });
  expect(stderr).toMatch(warning);
  expect(stdout).toContain('(none)');
  expect(code).toBe(0);
});

test('a source that can be asked gives no warning', async () => {
  const { stdout, stderr } = await runCli(['doctor', '--file', list, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ warnings: [] });
  expect(stderr).toBe('');
});
