import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConsumer, type Consumer } from '../support/consumer.js';
import { openRaw } from '../support/doctor/raw.js';
import { eventually } from '../support/eventually.js';
import { quietNow } from '../support/quiet-clock.js';
import { useRedis } from '../support/use-redis.js';

// The installed command, started by a shell.

const redis = useRedis();
const full = useRedis({ args: ['--maxclients', '5'] });
const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-cli-'));
const list = join(folder, 'client-list');
const row = (ip: string, id: number) =>
  `id=${id} addr=${ip}:${10_000 + (id % 50_000)} fd=${id} name= age=72 idle=72 flags=N db=9 sub=0 psub=0 multi=-1 qbuf=0 qbuf-free=0 obl=0 oll=0 omem=0 events=r cmd=ping`;

/** Last part of the five addresses of incident 1, with their numbers of connections. */
const incidentCounts = { '50': 5432, '104': 4244, '59': 43, '54': 40, '55': 32 };
const rows = Object.entries(incidentCounts)
  .flatMap(([end, count]) => Array.from({ length: count }, (_, at) => ({ ip: `172.18.0.${end}`, key: at })))
  .sort((a, b) => a.key - b.key)
  .map(({ ip }, at) => row(ip, at + 1));

let consumer: Consumer;
let bin: string;
beforeAll(() => {
  consumer = createConsumer('ioredis');
  bin = join(consumer.dir, 'node_modules/.bin/redis-hygiene');
  mkdirSync(join(consumer.dir, 'node_modules/.bin'));
  symlinkSync('../redis-hygiene/dist/cli.cjs', bin);
  writeFileSync(list, `${rows.join('\n')}\n`);
});
afterAll(() => {
  consumer[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

/** Runs a line of bash in which `redis-hygiene` is the command. */
function start(line: string) {
  const env = { PATH: process.env['PATH'], LIST: list, BIN: bin };
  const script = `set -o pipefail; redis-hygiene() { "${process.execPath}" "$BIN" "$@"; }; ${line}`;
  const child = spawn('bash', ['--norc', '-c', script], { cwd: folder, env, timeout: 60_000 });
  return { child, end: outputOf(child) };
}

async function outputOf(child: ReturnType<typeof spawn>) {
  const texts = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data) => (texts.stdout += String(data)));
  child.stderr?.on('data', (data) => (texts.stderr += String(data)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...texts };
}

const bash = (line: string) => start(line).end;

describe('a saved CLIENT LIST', () => {
  test('is counted like the awk pipeline of incident 1, in the same order', async () => {
    const awk = `awk '{print $2}' | awk -F "[=:]" '{print $2}' | sort | uniq -c | sort -k1,1nr | head -5`;
    const counted = await bash(`cat "$LIST" | ${awk}`);
    const result = await bash('redis-hygiene clients --file client-list --by ip --top 5 --csv');
    const fields = counted.stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).reverse());
    expect(fields).toHaveLength(5);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const [head = '', ...lines] = result.stdout.trim().split('\n');
    const [key, count] = ['ip', 'clients'].map((name) => head.split(',').indexOf(name));
    const cells = lines.map((line) => line.split(','));
    expect(cells.map((cell) => [cell[key ?? -1], cell[count ?? -1]])).toEqual(fields);
  });

  test.for(['--file -', '-'])('is read from standard input: %s', async (from) => {
    const whole = await bash('redis-hygiene clients --file client-list --by ip --json');
    const { code, stdout, stderr } = await bash(`cat "$LIST" | redis-hygiene clients ${from} --by ip --json`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const groups = (text: string) => (JSON.parse(text) as { groups: unknown[] }).groups.length;
    expect(groups(stdout)).toBe(groups(whole.stdout));
  });

  test('is printed to a reader that closes the pipe early', async () => {
    const { code, stdout, stderr } = await bash(
      'redis-hygiene clients --file client-list --by ip --csv | head -1',
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });

  test.for([
    ['that contains no rows', 'hello world\n'.repeat(3), 'HYG_CLIENT_LIST_INVALID'],
    ['that is binary', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255, 10]), 'HYG_CLIENT_LIST_INVALID'],
    ['that is empty', '', 'HYG_CLIENT_LIST_INVALID'],
    ['that is missing', undefined, 'HYG_CLI_FILE'],
  ] as const)('%s is refused in one line', async ([, content, code]) => {
    const path = join(folder, 'bad');
    rmSync(path, { force: true });
    if (content !== undefined) writeFileSync(path, content);
    const result = await bash('redis-hygiene clients --file bad');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^error bad [^\\n]+ \\(${code}\\)\\n$`));
  });

  test('that is a folder is refused in one line', async () => {
    const { code, stderr } = await bash('redis-hygiene clients --file .');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error \. cannot be read: [^\n]+ \(HYG_CLI_FILE\)\n$/);
  });

  test('is counted with CRLF line ends, and when its last row is incomplete', async () => {
    const crlf = `sed 's/$/\\r/' "$LIST" | redis-hygiene clients - --by ip --csv`;
    const same = await bash('redis-hygiene clients - --by ip --csv < "$LIST"');
    expect(await bash(crlf)).toEqual(same);
    const cut = await bash('head -c 400 "$LIST" | redis-hygiene clients - --by ip --csv');
    expect(cut.code).toBe(0);
    expect(cut.stderr).toMatch(/^warning standard input: the last row is incomplete[^\n]+\n$/);
  });
});

test('files and servers are read without ioredis', async () => {
  rmSync(join(consumer.dir, 'node_modules/ioredis'));
  const fromFile = await bash('redis-hygiene clients --file client-list --by ip');
  const fromServer = await bash(`redis-hygiene clients ${redis.server.url}`);
  symlinkSync(join(process.cwd(), 'node_modules/ioredis'), join(consumer.dir, 'node_modules/ioredis'));
  expect(fromFile).toMatchObject({ code: 0, stderr: '' });
  expect(fromServer).toMatchObject({ code: 0, stderr: '' });
});

/** Sends Ctrl-C as soon as `expectReady` resolves. */
async function interrupt(argv: readonly string[], expectReady: () => Promise<void>) {
  const child = spawn(process.execPath, [bin, ...argv], { cwd: folder, timeout: 60_000 });
  const end = outputOf(child);
  await eventually(expectReady, 10_000);
  const start = quietNow();
  child.kill('SIGINT');
  const result = await end;
  expect(quietNow() - start).toBeLessThan(1_500);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(/^error Interrupted\. [^\n]+ \(HYG_CLI_INTERRUPTED\)\n$/);
}

describe.for(['clients', 'doctor'])('Ctrl-C ends %s', (command) => {
  test('between two samples', async () => {
    await interrupt([command, redis.server.url, '--sample', '30s'], async () =>
      expect((await redis.names()).join()).toMatch(/#doctor$/),
    );
    await eventually(async () => expect(await redis.rows()).toEqual([]));
  });

  test('while it waits for a slot of a full server', async () => {
    using held = await openRaw(full.server, 4, 'PING');
    const refused = async () =>
      Number(/rejected_connections:(\d+)/.exec(await full.admin.info('stats'))?.[1]);
    const before = await refused();
    await interrupt([command, full.server.url, '--wait', '60s'], async () =>
      expect(await refused()).toBeGreaterThan(before + 1),
    );
    expect(await full.rows()).toHaveLength(held.sockets.length);
  });
});
