import type { Socket } from 'node:net';
import type { SocketFacts } from '../../ledger/connection.js';

/** Runs `task` once TCP (and TLS) is up. A connector of the application's own may bring a socket that is up already. */
export function whenConnected(socket: Socket, task: () => void): void {
  if (socket.connecting) socket.once(isEncrypted(socket) ? 'secureConnect' : 'connect', task);
  else if (!socket.destroyed) task();
}

function isEncrypted(socket: Socket): boolean {
  return 'encrypted' in socket;
}

/** The close of each socket that is awaited. One listener per socket, however many dials wait for it. */
const closing = new WeakMap<Socket, Promise<void>>();

/** Destroys a socket. Resolves when it has closed. `undefined` if there is no socket, or it has closed already. */
export function destroyAndAwaitClose(socket: Socket | undefined): Promise<void> | undefined {
  if (!socket || socket.closed) return undefined;
  socket.destroy();
  const closed = closing.get(socket) ?? new Promise<void>((resolve) => socket.once('close', () => resolve()));
  closing.set(socket, closed);
  return closed;
}

/**
 * Returns a new socket. One that was destroyed while it was opened emits its error in the next tick, and is returned after
 * that: ioredis adds no listeners to such a socket, and reads `firstError` of the connector at once.
 */
export async function afterEarlyError(socket: Socket): Promise<Socket> {
  if (socket.destroyed) await new Promise((resolve) => void process.nextTick(resolve));
  return socket;
}

/** Facts about a socket. The local port is passed in because a closed socket forgets it. */
export function socketFactsOf(
  { bytesRead, bytesWritten }: Socket,
  localPort: number | undefined,
): SocketFacts {
  return { localPort, bytesRead, bytesWritten };
}

/** Interval of unanswered TCP keepalive probes, and how many end the connection: 15 s after the first probe. */
const KEEPALIVE_PROBE_INTERVAL_MS = 5_000;
const MAX_KEEPALIVE_PROBES = 3;

/** `setKeepAlive` as newer versions of Node declare it (24.21 and 26.10 accept the last two parameters). */
interface KeepAliveSocket {
  setKeepAlive(enable: boolean, idleMs: number, intervalMs: number, count: number): void;
}

/**
 * Makes the kernel probe the peer of a connected socket after `idleMs` milliseconds without a packet. Where Node accepts
 * no interval and count, libuv sets its own: ten probes, one per second.
 */
export function enableKeepAlive(socket: Partial<Pick<Socket, 'setKeepAlive'>>, idleMs: number): void {
  if (!socket.setKeepAlive) return; // a stream of the application's own connector
  // In the next tick: ioredis sets the idle time alone as soon as the socket is up, which resets the other two.
  process.nextTick(() =>
    (socket as KeepAliveSocket).setKeepAlive(true, idleMs, KEEPALIVE_PROBE_INTERVAL_MS, MAX_KEEPALIVE_PROBES),
  );
}
