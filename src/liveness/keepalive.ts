import type { Socket } from 'node:net';

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
export function keepAlive(socket: Partial<Pick<Socket, 'setKeepAlive'>>, idleMs: number): void {
  if (!socket.setKeepAlive) return; // a stream of the caller's own connector
  // ioredis sets the idle time alone as soon as the socket is up, which would put the other two back.
  process.nextTick(() =>
    (socket as KeepAliveSocket).setKeepAlive(true, idleMs, PROBE_INTERVAL_MS, PROBE_COUNT),
  );
}
