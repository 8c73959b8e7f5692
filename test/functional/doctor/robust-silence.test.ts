import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { inTime } from '../../support/in-time.js';

// What does not answer: a command ends within its own bounds, and at once at Ctrl-C.

const cleanups: (() => unknown)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => void clean()));

async function listening(server: Server, at?: string): Promise<Server> {
  if (at === undefined) server.listen(0, '127.0.0.1');
  else server.listen(at);
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return server;
}

/** Never answers, and tells how many connections to it are open. */
async function silent() {
  const server = await listening(createServer((socket) => socket.resume().on('error', () => undefined)));
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, open };
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-silence-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs a command, and interrupts it in the middle of what never ends. */
async function interrupted(argv: readonly string[], afterMs = 300) {
  const stop = new AbortController();
  const command = runCli(argv, { signal: stop.signal });
  setTimeout(() => stop.abort(), afterMs);
  const start = performance.now();
  const result = await inTime('the end', command, 5_000);
  expect(performance.now() - start).toBeLessThan(afterMs + 500);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(/^error Interrupted[^\n]+ \(HYG_CLI_INTERRUPTED\)\n$/);
}

describe.for(['clients', 'doctor', 'reap'])('%s at a server that says nothing', (command) => {
  test('ends at --timeout, says after how long, and leaves no connection', async () => {
    const { address, open } = await silent();
    const { code, stderr } = await inTime('the end', runCli([command, address, '--timeout', '400ms']), 8_000);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error [^\n]+ gave no answer to [^\n]+ within 400 ms\. [^\n]+ \(HYG_TARGET_UNREACHABLE\)\n$/,
    );
    await expect.poll(open).toBe(0);
  });

  test('ends at once at Ctrl-C', async () => {
    const { address, open } = await silent();
    await interrupted([command, address, '--timeout', '60s']);
    await expect.poll(open).toBe(0);
  });
});

describe('Ctrl-C', () => {
  test('while a container engine does not answer', async () => {
    const socket = join(temporary(), 'engine');
    await listening(
      createHttp(() => undefined),
      socket,
    );
    const list = join(import.meta.dirname, '../../fixtures/client-list/redis-7.0.txt');
    await interrupted(['clients', '--file', list, '--docker-socket', socket]);
  });

  test('while nobody writes into a named pipe', async () => {
    const pipe = join(temporary(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    await interrupted(['clients', '--file', pipe]);
  });
});
