import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { whyBuild } from '../../scripts/build/if-needed.js';
import { run } from '../support/redis/command.js';
import { waitUntilReady } from '../support/redis/index.js';

/** The demo takes 12 seconds. The first one on a machine may download a server. */
const LIMIT_MS = 240_000;
/** Without the server of the environment, which the demo does not stop. */
const env = { ...process.env, REDIS_HYGIENE_REDIS_URL: '' };

function pidsOf(output: string): ReadonlyMap<string, number> {
  const services = output.matchAll(/^ {2}(\w+) +\(pid (\d+)\)/gm);
  return new Map([...services].map(([, name = '', pid]) => [name, Number(pid)]));
}

test(
  'npm run demo does not build again, and its doctor names both programs that leak',
  async () => {
    const { stdout } = await run('npm', ['run', 'demo'], { timeoutMs: LIMIT_MS, env });
    const output = stripVTControlCharacters(stdout);
    expect(output).not.toContain('Building');
    const pids = pidsOf(output);
    const [, report = ''] = output.split('$ npx redis-hygiene doctor redis://127.0.0.1:');
    for (const name of ['cart', 'search'])
      expect(report).toContain(`error   process node ${name}.mjs (pid ${pids.get(name)})`);
    expect(report).toContain('To do: Restart that service');
    expect(report).not.toContain('orders');
  },
  LIMIT_MS,
);

test('Ctrl-C in the demo ends the services and the server', { timeout: LIMIT_MS }, async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/demo/main.ts'], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  let output = '';
  for await (const line of createInterface(child.stdout)) {
    output += `${line}\n`;
    if (line.includes('2 s ')) child.kill('SIGINT');
  }
  expect(await exit).toEqual([130, null]);
  const pids = pidsOf(output);
  expect([...pids.keys()]).toEqual(['cart', 'search', 'orders']);
  for (const pid of pids.values()) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  const port = Number(/on 127\.0\.0\.1:(\d+)/.exec(output)?.[1]);
  await expect(waitUntilReady({ host: '127.0.0.1', port }, { timeoutMs: 200 })).rejects.toThrow(
    'ECONNREFUSED',
  );
});

test('the demos build if the build is missing, incomplete, unfinished or older than a source', () => {
  const root = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (file: string, at: number, text = '') => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
    utimesSync(join(root, file), at, at);
  };
  const setFolderTime = (at: number) => utimesSync(join(root, 'src'), at, at);
  const exports = {
    '.': { types: './dist/a.d.ts', default: './dist/a.js' },
    './package.json': './package.json',
  };
  write('package.json', 1, JSON.stringify({ bin: { a: './dist/bin.js' }, exports }));
  write('src/a.ts', 2);
  setFolderTime(2);
  expect(whyBuild(root)).toBe('it is not built yet');
  for (const file of ['dist/a.js', 'dist/a.d.ts']) write(file, 3);
  expect(whyBuild(root)).toBe('it is not built yet');
  write('dist/bin.js', 3);
  expect(whyBuild(root)).toBeUndefined();
  write('src/a.ts', 4);
  expect(whyBuild(root)).toBe('its sources have changed');
  write('src/a.ts', 2);
  setFolderTime(4); // a file was removed
  expect(whyBuild(root)).toBe('its sources have changed');
  setFolderTime(2);
  write('node_modules/.cache/redis-hygiene-unfinished-build', 3);
  expect(whyBuild(root)).toBe('its last build did not finish');
});
