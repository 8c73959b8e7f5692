import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createConsumer, type Consumer } from '../support/consumer.js';
import { quietNow } from '../support/quiet-clock.js';

// The process exits despite blocked threads, open pipes and full disks.

const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-robust-'));
const pipe = join(folder, 'pipe');
const ROW = 'id=1 addr=10.0.0.1:4711 name=a age=1 idle=1 flags=N\n';
let consumer: Consumer;
let bin: string;
beforeAll(() => {
  consumer = createConsumer('ioredis');
  bin = join(consumer.dir, 'node_modules/redis-hygiene/dist/cli.cjs');
  execFileSync('mkfifo', [pipe]);
});
afterAll(() => {
  consumer[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

/** Runs a line of bash in which `"$@"` is the command. */
function runBash(line: string) {
  const argv = ['--norc', '-c', line, 'bash', process.execPath, bin];
  const child = spawn('bash', argv, { cwd: folder, env: { PATH: process.env['PATH'] }, timeout: 15_000 });
  let text = '';
  child.stdout.on('data', (data) => (text += String(data)));
  child.stderr.on('data', (data) => (text += String(data)));
  const end = new Promise<{ code: number | null; text: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, text })),
  );
  return { child, end };
}

test('Ctrl-C ends a process that reads a named pipe without a writer', async () => {
  const { child, end } = runBash('exec "$@" clients --file pipe');
  await sleep(1_000);
  const start = quietNow();
  child.kill('SIGINT');
  expect(await end).toMatchObject({
    code: 2,
    text: expect.stringContaining('HYG_CLI_INTERRUPTED') as string,
  });
  expect(quietNow() - start).toBeLessThan(1_000);
});

test('a named pipe is read to its end, even when its writer opens it late', async () => {
  writeFileSync(join(folder, 'rows'), ROW.repeat(3_000));
  const { code, text } = await runBash(
    '(sleep 0.7; cat rows > pipe) & "$@" clients --file pipe --by ip --csv',
  ).end;
  expect(code).toBe(0);
  expect(text).toContain('10.0.0.1,3000,');
});

test.each([
  ['a pipe', `echo '${ROW.trim()}' | REDIS_URL=redis://127.0.0.1:1 "$@" doctor`],
  ['a file', 'echo > empty; REDIS_URL=redis://127.0.0.1:1 "$@" clients < empty'],
])('the note about %s on standard input says what is asked instead', async (_, line) => {
  const { code, text } = await runBash(line).end;
  expect(text).toMatch(/^Standard input is not read, [^\n]+ add -\.\nerror 127\.0\.0\.1:1 cannot be reached/);
  expect(code).toBe(2);
});

test.each([
  ['an empty standard input', 'REDIS_URL=redis://127.0.0.1:1 "$@" doctor < /dev/null'],
  ['a server that is named', `echo '${ROW.trim()}' | "$@" doctor 127.0.0.1:1`],
])('%s gets no such note', async (_, line) => {
  expect((await runBash(line).end).text).toMatch(/^error 127\.0\.0\.1:1 cannot be reached/);
});

test.runIf(process.platform === 'linux')('a full disk is reported in one line with exit code 2', async () => {
  const { code, text } = await runBash(`echo '${ROW.trim()}' | "$@" doctor - > /dev/full`).end;
  expect(code).toBe(2);
  expect(text).toMatch(/^error [^\n]+ENOSPC[^\n]*\n$/);
});

test.for([['clients'], ['doctor'], ['reap', '--yes']])(
  '%s exits even if the server keeps its end of the connection open',
  async ([command, ...options]) => {
    for (const answer of ['', '+OK\r\n']) {
      const server = createServer({ allowHalfOpen: true }, (socket) =>
        socket.on('error', () => undefined).on('data', () => socket.write(answer)),
      ).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const start = quietNow();
      const { code, text } = await runBash(
        `exec "$@" ${command} 127.0.0.1:${port} --timeout 500ms ${options.join(' ')}`,
      ).end;
      expect(quietNow() - start).toBeLessThan(5_000);
      expect({ code, errors: text.match(/^error /gm) }).toEqual({ code: 2, errors: ['error '] });
      server.close();
    }
  },
);
