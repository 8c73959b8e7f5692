import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createProbe, type PeerAddress } from '../../../../src/connect/dial/saturation.js';
import { systemClock } from '../../../../src/core/clock.js';

const probe = createProbe(systemClock);
let server: Server;
const taken: Socket[] = [];
afterEach(() => {
  taken.splice(0).forEach((socket) => socket.destroy());
  server.close();
});

/** A server that does this with whoever connects. */
async function startServer(greet: (socket: Socket) => unknown, path?: string): Promise<PeerAddress> {
  server = createServer((socket) => {
    taken.push(socket.on('error', () => undefined));
    greet(socket);
  });
  if (path) server.listen(path);
  else server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return path ? { path } : { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** Whether every connection that was taken has been closed by the one who asked. */
async function allClosed(): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return taken.every((socket) => socket.readableEnded || socket.destroyed);
}

describe('a silent connection', () => {
  const full = (socket: Socket) => socket.end('-ERR max number of clients reached\r\n');

  test.for([
    ['the words of a full server', full, 'full'],
    [
      'those of a full node of a cluster',
      (socket: Socket) => socket.end('-ERR max number of clients + cluster connections reached\r\n'),
      'full',
    ],
    ['other words', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n'), 'else'],
    ['an end without a word', (socket: Socket) => socket.end(), 'else'],
    ['a reset', (socket: Socket) => socket.resetAndDestroy(), 'else'],
  ] as const)('takes %s for what they are', async ([, greet, verdict]) => {
    const where = await startServer(greet);
    expect(await probe(where)).toBe(verdict);
    expect(await allClosed()).toBe(true);
  });

  test('that is left in silence for half a second has found room, says nothing and goes', async () => {
    let said = 0;
    const where = await startServer((socket) => socket.on('data', ({ length }) => (said += length)));
    const start = Date.now();
    expect(await probe(where)).toBe('room');
    expect(Date.now() - start).toBeGreaterThanOrEqual(490);
    expect(await allClosed()).toBe(true);
    expect(said).toBe(0);
  });

  test('goes over a unix socket too', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-probe-'));
    const where = await startServer(full, join(dir, 'redis.sock'));
    expect(await probe(where)).toBe('full');
    rmSync(dir, { recursive: true });
  });

  test('finds nobody at a closed port', async () => {
    const where = await startServer(() => undefined);
    server.close();
    await once(server, 'close');
    expect(await probe(where)).toBe('else');
  });
});
