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
import { quietNow } from '../../support/quiet-clock.js';

// Servers that do not answer: a command ends after its timeout, and at once on Ctrl-C.

const cleanups: (() => unknown)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => void clean()));

async function listenOn(server: Server, path?: string): Promise<Server> {
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return server;
}

/** A server that never answers, with the number of its open connections. */
async function startSilentServer() {
  const server = await listenOn(createServer((socket) => socket.resume().on('error', () => undefined)));
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, open };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-silence-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs a command that would never end, interrupts it, and expects that it ends within half a second. */
async function expectInterrupted(argv: readonly string[], afterMs = 300) {
  const stop = new AbortController();
  const command = runCli(argv, { signal: stop.signal });
  setTimeout(() => stop.abort(), afterMs);
  const start = quietNow();
  const result = await inTime('the end', command, 5_000);
  expect(quietNow() - start).toBeLessThan(afterMs + 500);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(/^error Interrupted[^\n]+ \(HYG_CLI_INTERRUPTED\)\n$/);
}

describe.for(['clients', 'doctor', 'reap'])('%s at a server that never answers', (command) => {
  test('ends after --timeout, with an error that names it, and leaves no connection', async () => {
    const { address, open } = await startSilentServer();
    const { code, stderr } = await inTime('the end', runCli([command, address, '--timeout', '400ms']), 8_000);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error [^\n]+ gave no answer to [^\n]+ within 400 ms\. [^\n]+ \(HYG_TARGET_UNREACHABLE\)\n$/,
    );
    await expect.poll(open).toBe(0);
  });

  test('ends at once on Ctrl-C', async () => {
    const { address, open } = await startSilentServer();
    await expectInterrupted([command, address, '--timeout', '60s']);
    await expect.poll(open).toBe(0);
  });
});

describe('Ctrl-C ends clients', () => {
  test('while a container engine does not answer', async () => {
    const socket = join(temporaryFolder(), 'engine');
    await listenOn(
      createHttp(() => undefined),
      socket,
    );
    const list = join(import.meta.dirname, '../../fixtures/client-list/redis-7.0.txt');
    await expectInterrupted(['clients', '--file', list, '--docker-socket', socket]);
  });

  test('while a named pipe has no writer', async () => {
    const pipe = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expectInterrupted(['clients', '--file', pipe]);
  });
});
