import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupKeys } from '../../src/doctor/group/group-keys.js';
import { runCli } from '../support/command-io.js';
import { openShell, shells, type Shell } from '../support/shells/shells.js';

// Completions of real shells that have loaded the script.

const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
afterAll(() => rmSync(folder, { recursive: true }));

const commands = ['budget', 'clients', 'completion', 'doctor', 'explain', 'init', 'reap'];

describe.for(shells)('%s', (name) => {
  const script = join(folder, `redis-hygiene.${name}`);
  let shell: Shell | undefined;
  let failure = '';

  beforeAll(async () => {
    const { code, stdout } = await runCli(['completion', name]);
    expect(code).toBe(0);
    writeFileSync(script, stdout);
    for (const file of ['fleet.yaml', 'ca file.pem']) writeFileSync(join(folder, file), '');
    shell = await openShell(name, folder).catch((error: unknown) => void (failure = String(error)));
  });

  test.for([
    ['', commands],
    ['cl', ['clients']],
    ['clients --b', ['--by']],
    ['clients --by ', [...groupKeys].sort()],
    ['clients --by i', ['ip']],
    ['doctor redis://redis-1 --fail-on ', ['error', 'warning']],
    ['doctor --sentinel-conf fl', ['fleet.yaml']],
    ['clients --top 5 --file fl', ['fleet.yaml']],
    ['reap --y', ['--yes']],
    ['reap --cacert fl', ['fleet.yaml']],
    ['reap --orphans fl', ['fleet.yaml']],
    ['reap --assume', ['--assume-dead-after']],
    ['reap --assume-dead-after ', []],
    ['budget fl', ['fleet.yaml']],
    ['budget fleet.yaml --rollouts al', ['alone']],
    ['init --framework f', ['fastify']],
    ['init --entry fl', ['fleet.yaml']],
    ['explain ma', ['maxclients-lowered', 'maxclients-near', 'maxclients-uneven']],
    ['explain growth --library je', ['jedis']],
    ['doctor --library go', ['go-redis']],
    ['completion ', ['bash', 'fish', 'zsh']],
    ['clients fl', []],
    ['clients --where ', []],
  ] as const)('completes "%s"', async ([line, words], { skip }) => {
    if (!shell) return skip(`${name} is not available: ${failure}`);
    const offered = await shell.complete(script, line);
    expect(line === '' ? offered.filter((word) => !word.startsWith('-')) : offered).toEqual(words);
  });

  test('completes every option that the help lists', async () => {
    const { stdout } = await runCli(['completion', name]);
    for (const command of commands) {
      const { stdout: help } = await runCli([command, '--help']);
      const options = help.match(/(?<=^ +(?:-\w, )?)--[a-z-]+/gm) ?? [];
      expect(options.length).toBeGreaterThan(0);
      for (const option of options)
        expect(stdout).toContain(name === 'fish' ? `-l ${option.slice(2)} ` : option);
    }
  });
});

test('bash completes --by=ip like --by ip, and a file name with a space', async () => {
  const bash = await openShell('bash', folder);
  const script = join(folder, 'redis-hygiene.bash');
  expect(await bash.complete(script, 'clients --by = i')).toEqual(['ip']);
  expect(await bash.complete(script, 'clients --by =')).toEqual([...groupKeys].sort());
  expect(await bash.complete(script, 'clients --cacert ca')).toEqual(['ca file.pem']);
});

test('an unknown shell is refused', async () => {
  const { code, stdout, stderr } = await runCli(['completion', 'tcsh']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Allowed choices are bash, zsh, fish');
});
