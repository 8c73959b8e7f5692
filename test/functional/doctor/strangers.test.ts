import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { quietNow } from '../../support/quiet-clock.js';
import { freePort } from '../../support/redis/index.js';
import { useRedis } from '../../support/use-redis.js';

// Programs other than Redis at the address that a command connects to.

const redis = useRedis();
const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function listenOn(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server with this handler for connections. */
const server = (onConnection: (socket: Socket) => void) => () => listenOn(createServer(onConnection));

async function pausedRedis(): Promise<string> {
  await redis.server.pause();
  ends.push(() => redis.server.resume());
  return `127.0.0.1:${redis.server.port}`;
}

const otherServers = [
  ['speaks HTTP', () => listenOn(createHttpServer((_, response) => response.end('hello'))), 'FOREIGN'],
  ['greets as SSH does', server((socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n')), 'FOREIGN'],
  ['greets late', server((socket) => setTimeout(() => socket.write('220 mail ready\r\n'), 100)), 'FOREIGN'],
  [
    'sends garbage at once',
    server((socket) => socket.write(Buffer.from([0, 255, 27, 91, 50, 74, 10, 7]))),
    'FOREIGN',
  ],
  ['answers garbage', server((socket) => socket.on('data', () => socket.write('\0\xff\n'))), 'FOREIGN'],
  ['sends garbage without end', server((socket) => void socket.on('data', () => flood(socket))), 'FOREIGN'],
  ['accepts and stays silent', server(() => undefined), 'UNREACHABLE'],
  ['accepts and closes', server((socket) => socket.end()), 'FOREIGN'],
  ['accepts and resets', server((socket) => socket.resetAndDestroy()), '(FOREIGN|UNREACHABLE)'],
  ['closes on the first command', server((socket) => socket.once('data', () => socket.end())), 'FOREIGN'],
  ['does not run', async () => `127.0.0.1:${await freePort()}`, 'UNREACHABLE'],
  ['has an unknown host name', () => Promise.resolve('no-such-host.invalid:6379'), 'UNREACHABLE'],
  ['has no socket file', () => Promise.resolve('/nonexistent/redis.sock'), 'UNREACHABLE'],
  ['is a paused Redis', pausedRedis, 'UNREACHABLE'],
] as const;

function flood(socket: Socket): void {
  while (socket.writable && socket.write(Buffer.alloc(65_536, 'x')));
  socket.once('drain', () => flood(socket));
}

describe.for(otherServers)('a server that %s', ([, start, kind]) => {
  test.for(['clients', 'doctor'])('is reported by %s in one line within 3 s', async (command) => {
    const address = await start();
    const before = quietNow();
    const { code, stdout, stderr } = await runCli([command, address, '--timeout', '1s']);
    expect(quietNow() - before).toBeLessThan(3_000);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error [ -~…]+ \(HYG_[A-Z_]+\)\n$/);
    expect(stderr).toMatch(new RegExp(`\\(HYG_TARGET_${kind}\\)$`, 'm'));
    expect(stderr).toContain(address);
  });
});

test('the other servers are shown, and the exit code is 2', async () => {
  const http = await listenOn(createHttpServer());
  const argv = ['--by', 'target', '--timeout', '1s'];
  const { code, stdout, stderr } = await runCli(['clients', redis.server.url, http, '127.0.0.1:1', ...argv]);
  expect(code).toBe(2);
  expect(stdout).toContain(`127.0.0.1:${redis.server.port}`);
  expect(stdout).not.toContain(http);
  expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  expect(stderr).toContain('(HYG_TARGET_FOREIGN)');
  expect(stderr).toContain('(HYG_TARGET_UNREACHABLE)');
});

test('doctor exits with 2 if a server could not be asked', async () => {
  const { code, stdout } = await runCli(['doctor', redis.server.url, '127.0.0.1:1']);
  expect(code).toBe(2);
  expect(stdout).not.toBe('');
});

test('a server that answers only the first command is reported with the command that failed', async () => {
  const answersOnce = server((socket) => socket.once('data', () => socket.write('+OK\r\n')));
  const { code, stderr } = await runCli(['clients', await answersOnce(), '--timeout', '500ms']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error [^\n]+ INFO[^\n]+ \(HYG_TARGET_UNREACHABLE\)\n$/);
});
