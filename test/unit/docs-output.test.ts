import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../support/command-io.js';
import { incident1List, incident2List } from '../support/incident-lists.js';

// What the pages show of commands that read files is what these commands print.

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));

const files: Readonly<Record<string, () => string>> = {
  'client-list': incident1List,
  'sentinel-list': incident2List,
  'hosts.txt': () => '172.18.0.50 shop_search_1\n172.18.0.104 shop_mails_1\n172.18.0.59 shop_orders_1\n',
  'sentinel.conf': () =>
    'port 26379\nsentinel monitor mymaster 10.1.0.5 6379 2\nsentinel auth-pass mymaster s3cret\ntcp-keepalive 0\n',
};

beforeAll(() => {
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content());
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Columns of the pages. */
const COLUMNS = 100;

interface Shown {
  readonly page: string;
  readonly command: string;
  readonly output: string;
}

function shownOn(page: string): readonly Shown[] {
  const blocks = readFileSync(DOCS + page, 'utf8').matchAll(
    /^```text\n\$ redis-hygiene (.*)\n([^]*?)^```$/gm,
  );
  return [...blocks].map(([, command = '', output = '']) => ({ page, command, output }));
}

const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const shown = ['../README.md', ...pages]
  .flatMap(shownOn)
  .filter(({ command }) => command.includes('--file '));

/** Words as a shell would split them, where nothing but single quotes is special. */
function words(command: string): readonly string[] {
  const parts = command.match(/'[^']*'|\S+/g) ?? [];
  return parts
    .map((word) => word.replaceAll("'", ''))
    .map((word) => (word in files ? join(folder, word) : word));
}

/** A page may leave out what comes after a line of `…`. */
function withoutRest(printed: string, output: string): string {
  if (!output.endsWith('\n…\n')) return printed;
  const kept = printed.slice(0, output.length - '…\n'.length);
  return `${kept}…\n`;
}

test('there are some', () => expect(shown.length).toBeGreaterThan(4));

test.for(shown)('$page: redis-hygiene $command', async ({ command, output }) => {
  const { stdout, code } = await runCli(words(command), {
    tty: true,
    columns: COLUMNS,
    env: { NO_COLOR: '1' },
  });
  expect(code).toBeLessThan(2);
  expect(output).toBe(withoutRest(stdout.replaceAll(`${folder}/`, ''), output));
});

test('the list of incident 1 has the counts of its awk pipeline', () => {
  const ips = incident1List()
    .split('\n')
    .flatMap((line) => / addr=([^:]+):/.exec(line)?.[1] ?? []);
  const counts = new Map<string, number>();
  for (const ip of ips) counts.set(ip, (counts.get(ip) ?? 0) + 1);
  const top = [...counts].sort(([, one], [, other]) => other - one).slice(0, 5);
  expect(top.map(([ip, count]) => `${count} ${ip}`)).toEqual([
    '5432 172.18.0.50',
    '4244 172.18.0.104',
    '43 172.18.0.59',
    '40 172.18.0.54',
    '32 172.18.0.55',
  ]);
});
