import type { Server as HttpServer, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { createDeadline, systemClock } from '../../core/clock.js';
import { areSessionsClosed, isHttp2 } from './http2-sessions.js';

/**
 * How long a connection must be without a request before it is closed, in milliseconds. Longer than the pause between two
 * requests of a busy client, which is told to leave by an answer and so needs no closing.
 */
export const QUIET_MS = 300;

/** Interval in which the connections of a server that stops are looked at, in milliseconds. */
export const LOOK_MS = 50;

/** A look that comes later than this after the one before, in milliseconds, finds the event loop blocked meanwhile. */
const MAX_LATE_MS = 2 * LOOK_MS;

/** The longest time that a stop waits for connections to become quiet or busy, in milliseconds. */
const SETTLE_MS = 3 * QUIET_MS;

/** A connection of an HTTP server. `_httpMessage` is the answer under way: internal, the same in all versions of Node. */
interface HttpSocket extends Socket {
  readonly _httpMessage?: ServerResponse | null;
}

/** Connections without a request under way, from which nothing has been read since the last look. */
export interface QuietConnections {
  /** Whether a connection had no request for QUIET_MS before the one that has just come. */
  isQuiet(socket: Socket): boolean;
  /** Notes which connections are quiet. */
  look(): void;
  /** Lets `close()` close from now on. Connections that never sent a byte are looked at too. */
  readonly beginClosing: () => void;
  /** Closes those that have been quiet for QUIET_MS. */
  close(): void;
  /** Resolves when each connection has a request under way, or after SETTLE_MS. */
  whenOnlyBusy(): Promise<void>;
}

export function createQuietConnections(server: HttpServer): QuietConnections {
  const closeIdle = (server as Partial<HttpServer>).closeIdleConnections?.bind(server); // HTTP/2 servers have none
  let seen = new WeakMap<Socket, { readonly bytesRead: number; readonly sinceMs: number }>();
  let isClosing = false;
  let lookedMs = systemClock.now();
  const begunMs = systemClock.now();
  const isDue = (sinceMs: number) => systemClock.now() - sinceMs >= QUIET_MS;

  const socketsToClose = () => {
    const connections = connectionsOf(server);
    return connections && isClosing ? [...connections, ...silentSockets(server)] : connections;
  };

  function look(): void {
    const nowMs = systemClock.now();
    // While the event loop was blocked, requests may have come that are not read yet.
    if (nowMs - lookedMs > MAX_LATE_MS) seen = new WeakMap();
    lookedMs = nowMs;
    for (const socket of socketsToClose() ?? []) {
      const { bytesRead } = socket;
      if (isBusy(socket)) seen.delete(socket);
      else if (seen.get(socket)?.bytesRead !== bytesRead) seen.set(socket, { bytesRead, sinceMs: nowMs });
    }
  }

  function close(): void {
    if (!isClosing) return;
    const sockets = socketsToClose();
    // A runtime that does not show its connections: those that Node takes for idle are closed.
    if (!sockets && isDue(begunMs)) closeIdle?.();
    for (const socket of sockets ?? []) {
      if (!isBusy(socket) && isDue(seen.get(socket)?.sinceMs ?? Infinity)) socket.destroy();
    }
  }

  async function whenOnlyBusy(): Promise<void> {
    const deadline = createDeadline(systemClock, SETTLE_MS);
    const isSettled = () => {
      const sockets = socketsToClose();
      return (sockets ? sockets.every(isBusy) : isDue(begunMs)) && areSessionsClosed(server);
    };
    while (!isSettled() && deadline.remainingMs() > 0) {
      await new Promise<void>((resolve) => void systemClock.after(LOOK_MS, resolve));
    }
  }

  const isQuiet = (socket: Socket) => isDue(seen.get(socket)?.sinceMs ?? Infinity);

  const beginClosing = () => void (isClosing = true);

  return { isQuiet, look, beginClosing, close, whenOnlyBusy };
}

function isBusy({ _httpMessage, writableLength }: HttpSocket): boolean {
  return Boolean(_httpMessage) || writableLength > 0;
}

/** The list in which Node (18 to 26) keeps the parsers of an HTTP server. Idle connections have no public list. */
interface ConnectionsList {
  all(): readonly { readonly socket?: HttpSocket | null }[];
}

/** Open connections of an HTTP server without upgraded ones, or `undefined` if this runtime does not show them. */
export function connectionsOf(server: HttpServer): HttpSocket[] | undefined {
  const key = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  const list = key && (server as unknown as Record<symbol, Partial<ConnectionsList> | undefined>)[key];
  const parsers = list?.all?.() ?? (isHttp2(server) ? [] : undefined);
  return parsers?.flatMap(({ socket }) => (socket && !socket.destroyed ? [socket] : []));
}

/**
 * Connections of a TLS server that never sent a byte. No handshake has begun, so nothing but the process' list of open handles
 * knows them. That list (Node 18 to 26) is only asked while a server stops.
 */
function silentSockets(server: HttpServer): HttpSocket[] {
  if (!(server instanceof TlsServer)) return [];
  const { _getActiveHandles } = process as { _getActiveHandles?: () => unknown[] };
  const sockets = (_getActiveHandles?.call(process) ?? []).filter((handle) => handle instanceof Socket);
  return sockets.filter((socket) => {
    const owner: unknown = (socket as { readonly server?: unknown }).server;
    return owner === server && socket.bytesRead === 0 && !socket.destroyed;
  });
}
