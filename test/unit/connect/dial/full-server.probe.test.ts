import { createFullServerProbe, type PeerAddress } from '../../../../src/connect/dial/full-server.js';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/core/clock.js';

const probe = createFullServerProbe(systemClock);
let server: Server;
const accepted: Socket[] = [];
afterEach(() => {
  accepted.splice(0).forEach((socket) => socket.destroy());
  server.close();
});

/** Starts a server that calls `onConnection` for each connection. */
async function startServer(onConnection: (socket: Socket) => unknown, path?: string): Promise<PeerAddress> {
  server = createServer((socket) => {
    accepted.push(socket.on('error', () => undefined));
    onConnection(socket);
  });
  if (path) server.listen(path);
  else server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return path ? { path } : { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** Whether the probe has closed all of its connections. */
async function allClosed(): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return accepted.every((socket) => socket.readableEnded || socket.destroyed);
}

describe('a probe', () => {
  const full = (socket: Socket) => socket.end('-ERR max number of clients reached\r\n');

  test.for([
    ['the reply of a full server', full, 'full'],
    [
      'the reply of a full node of a Cluster',
      (socket: Socket) => socket.end('-ERR max number of clients + cluster connections reached\r\n'),
      'full',
    ],
    ['another reply', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n'), 'unknown'],
    ['an end without a reply', (socket: Socket) => socket.end(), 'unknown'],
    ['a reset', (socket: Socket) => socket.resetAndDestroy(), 'unknown'],
  ] as const)('recognises %s', async ([, onConnection, result]) => {
    const address = await startServer(onConnection);
    expect(await probe(address)).toBe(result);
    expect(await allClosed()).toBe(true);
  });

  test('takes half a second of silence for an available server, sends nothing and closes', async () => {
    let bytesReceived = 0;
    const address = await startServer((socket) =>
      socket.on('data', ({ length }) => (bytesReceived += length)),
    );
    const start = Date.now();
    expect(await probe(address)).toBe('available');
    expect(Date.now() - start).toBeGreaterThanOrEqual(490);
    expect(await allClosed()).toBe(true);
    expect(bytesReceived).toBe(0);
  });

  test('works over a unix socket', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'redis-hygiene-probe-'));
    const address = await startServer(full, join(dir, 'redis.sock'));
    expect(await probe(address)).toBe('full');
    rmSync(dir, { recursive: true });
  });

  test('has an unknown result at a closed port', async () => {
    const address = await startServer(() => undefined);
    server.close();
    await once(server, 'close');
    expect(await probe(address)).toBe('unknown');
  });
});
