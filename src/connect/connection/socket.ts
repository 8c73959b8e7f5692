import type { Socket } from 'node:net';
import type { SocketFacts, PendingWork } from '../../ledger/connection.js';

/** A socket whose client is unknown can be closed, but not asked. */
export const NOTHING_KNOWN: PendingWork = { pending: 0, unsent: 0, blocked: false };

function isEncrypted(socket: Socket): boolean {
  return 'encrypted' in socket;
}

/** Runs `task` once TCP (and TLS) is up. A connector of the caller's own may bring a socket that is up already. */
export function whenUp(socket: Socket, task: () => void): void {
  if (socket.connecting) socket.once(isEncrypted(socket) ? 'secureConnect' : 'connect', task);
  else if (!socket.destroyed) task();
}

/** Destroys what is left of a socket. Resolves when it has closed; nothing where it has already. */
export function destroyed(socket: Socket | undefined): Promise<void> | undefined {
  if (!socket || socket.closed) return undefined;
  socket.destroy();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** A closed socket forgets its port: it is read while it is up. */
export function describeSocket(
  { bytesRead, bytesWritten }: Socket,
  localPort: number | undefined,
): SocketFacts {
  return { localPort, bytesRead, bytesWritten };
}

/** Time between two unanswered probes, and how many of them end the connection: 15 s after the first one. */
const PROBE_INTERVAL_MS = 5_000;
const PROBE_COUNT = 3;

/** As newer Nodes declare it (24.21 and 26.10 take the last two). */
interface KeepAliveSocket {
  setKeepAlive(enable: boolean, idleMs: number, intervalMs: number, count: number): void;
}

/**
 * Lets the kernel probe the peer of a connected socket after `idleMs` milliseconds without a packet. Where Node
 * takes no interval and count, libuv sets its own: every second, ten times.
 */
export function enableKeepAlive(socket: Partial<Pick<Socket, 'setKeepAlive'>>, idleMs: number): void {
  if (!socket.setKeepAlive) return; // a stream of the caller's own connector
  // ioredis sets the idle time alone as soon as the socket is up, which would put the other two back.
  process.nextTick(() =>
    (socket as KeepAliveSocket).setKeepAlive(true, idleMs, PROBE_INTERVAL_MS, PROBE_COUNT),
  );
}
