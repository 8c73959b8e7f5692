import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { freePort } from '../../support/redis/index.js';
import { useRedis } from '../../support/use-redis.js';

// What answers at an address where a Redis was expected.

const redis = useRedis();
const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function listening(server: Server): Promise<string> {
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

/** A server that does this with each connection. */
const that = (does: (socket: Socket) => void) => () => listening(createServer(does));

async function stopped(): Promise<string> {
  await redis.server.pause();
  ends.push(() => redis.server.resume());
  return `127.0.0.1:${redis.server.port}`;
}

const strangers = [
  ['speaks HTTP', () => listening(createHttpServer((_, response) => response.end('hello'))), 'FOREIGN'],
  ['greets as SSH does', that((socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n')), 'FOREIGN'],
  ['greets late', that((socket) => setTimeout(() => socket.write('220 mail ready\r\n'), 100)), 'FOREIGN'],
  ['speaks garbage', that((socket) => socket.write(Buffer.from([0, 255, 27, 91, 50, 74, 10, 7]))), 'FOREIGN'],
  ['answers garbage', that((socket) => socket.on('data', () => socket.write('\0\xff\n'))), 'FOREIGN'],
  ['sends garbage without end', that((socket) => void socket.on('data', () => flood(socket))), 'FOREIGN'],
  ['accepts and stays silent', that(() => undefined), 'UNREACHABLE'],
  ['accepts and closes', that((socket) => socket.end()), 'FOREIGN'],
  ['accepts and resets', that((socket) => socket.resetAndDestroy()), '(FOREIGN|UNREACHABLE)'],
  ['closes when it is asked', that((socket) => socket.once('data', () => socket.end())), 'FOREIGN'],
  ['is not there', async () => `127.0.0.1:${await freePort()}`, 'UNREACHABLE'],
  ['has a name that nobody knows', () => Promise.resolve('no-such-host.invalid:6379'), 'UNREACHABLE'],
  ['has no socket file', () => Promise.resolve('/nonexistent/redis.sock'), 'UNREACHABLE'],
  ['is a stopped Redis', stopped, 'UNREACHABLE'],
] as const;

function flood(socket: Socket): void {
  while (socket.writable && socket.write(Buffer.alloc(65_536, 'x')));
  socket.once('drain', () => flood(socket));
}

describe.for(strangers)('one that %s', ([, start, kind]) => {
  test.for(['clients', 'doctor'])('is told by %s in one line, in time', async (command) => {
    const address = await start();
    const before = performance.now();
    const { code, stdout, stderr } = await runCli([command, address, '--timeout', '1s']);
    expect(performance.now() - before).toBeLessThan(3_000);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error [ -~…]+ \(HYG_[A-Z_]+\)\n$/);
    expect(stderr).toMatch(new RegExp(`\\(HYG_TARGET_${kind}\\)$`, 'm'));
    expect(stderr).toContain(address);
  });
});

test('the others are shown beside it, and the exit code is 2 all the same', async () => {
  const foreign = await listening(createHttpServer());
  const argv = ['--by', 'target', '--timeout', '1s'];
  const { code, stdout, stderr } = await runCli([
    'clients',
    redis.server.url,
    foreign,
    '127.0.0.1:1',
    ...argv,
  ]);
  expect(code).toBe(2);
  expect(stdout).toContain(`127.0.0.1:${redis.server.port}`);
  expect(stdout).not.toContain(foreign);
  expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  expect(stderr).toContain('(HYG_TARGET_FOREIGN)');
  expect(stderr).toContain('(HYG_TARGET_UNREACHABLE)');
});

test('a doctor that could not ask all is no healthy one', async () => {
  const { code, stdout } = await runCli(['doctor', redis.server.url, '127.0.0.1:1']);
  expect(code).toBe(2);
  expect(stdout).not.toBe('');
});

test('a server that answers one thing and then no more', async () => {
  const half = that((socket) => socket.once('data', () => socket.write('+OK\r\n')));
  const { code, stderr } = await runCli(['clients', await half(), '--timeout', '500ms']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error [^\n]+ INFO[^\n]+ \(HYG_TARGET_UNREACHABLE\)\n$/);
});
