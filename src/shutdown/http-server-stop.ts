import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { Server, type Socket } from 'node:net';
import { createDeadline, systemClock } from '../core/clock.js';

/**
 * The stop of an HTTP server, so that no client loses a request to it. Node's own `close()` destroys connections that are
 * idle at that moment, although the next request may be on its way, and waits for connections that never had a request.
 *
 * ```
 * announce()        answers on connections that were quiet say `Connection: close`: clients that seldom ask leave by themselves
 * announceToAll()   all answers say so
 * stopAccepting()   closes the port, and quiet connections; resolves when no further request can come
 * closeQuiet()      closes each connection that has been quiet for QUIET_MS, in place of Node's own
 * end()             undoes what is left of the above
 * ```
 */
export interface HttpServerStop {
  announce(): void;
  announceToAll(): void;
  stopAccepting(): Promise<void>;
  closeQuiet(): void;
  end(): void;
}

/**
 * How long a connection must be without a request before it is closed, in milliseconds. Longer than the pause between two
 * requests of a busy client, which is told to leave by an answer and so needs no closing.
 */
const QUIET_MS = 300;

/** Interval in which the connections of a server that stops are looked at, in milliseconds. */
const LOOK_MS = 50;

/** A look that comes later than this after the one before, in milliseconds, finds the event loop blocked meanwhile. */
const MAX_LATE_MS = 2 * LOOK_MS;

/** The longest time that `stopAccepting()` waits for connections to become quiet or busy, in milliseconds. */
const SETTLE_MS = 3 * QUIET_MS;

/** A connection of an HTTP server. `_httpMessage` is the answer under way: internal, the same in all versions of Node. */
interface HttpSocket extends Socket {
  readonly _httpMessage?: Pick<ServerResponse, 'headersSent' | 'setHeader'> | null;
}

/** Stops that have begun, by server: hooks of two factories may stop the same one. */
const stops = new WeakMap<Server, HttpServerStop>();

/** The stop of a server. Each server has one. */
export function httpServerStop(server: HttpServer): HttpServerStop {
  const stop = stops.get(server) ?? createHttpServerStop(server);
  stops.set(server, stop);
  return stop;
}

/** The HTTP server of a `before` step: the step itself, the `server` of a Fastify app, or that of a Nest app. */
export function findHttpServer(step: unknown): HttpServer | undefined {
  if (isHttpServer(step)) return step;
  try {
    const { server, getHttpServer } = step as { server?: unknown; getHttpServer?: () => unknown };
    if (isHttpServer(server)) return server;
    const nested = typeof getHttpServer === 'function' ? getHttpServer.call(step) : undefined;
    return isHttpServer(nested) ? nested : undefined;
  } catch {
    return undefined; // a getter of something else than an HTTP application
  }
}

export function isHttpServer(value: unknown): value is HttpServer {
  return value instanceof Server && ('closeIdleConnections' in value || isHttp2(value));
}

function isHttp2(server: Server): boolean {
  return 'updateSettings' in server;
}

function createHttpServerStop(server: HttpServer): HttpServerStop {
  const quiet = createQuietConnections(server);
  let timer: ReturnType<typeof systemClock.after> | undefined;
  const restore: (() => void)[] = [];
  let isClosingQuiet = false;
  let isForAll = false;

  /** Runs just after the poll phase, so that requests that have arrived have been read. */
  function look(): void {
    quiet.look();
    if (isClosingQuiet) quiet.close();
    timer = systemClock.after(LOOK_MS, () => setImmediate(() => timer && look()));
  }

  const once = (begin: () => () => void) => {
    let hasBegun = false;
    return () => {
      if (hasBegun) return;
      hasBegun = true;
      if (!timer) look();
      restore.push(begin());
    };
  };
  // A busy client that left would connect anew, and the port would close on its connection, which waits to be accepted.
  const announce = once(() => announceStop(server, (socket) => isForAll || quiet.isQuiet(socket)));
  const closeQuiet = once(() => {
    isClosingQuiet = true;
    return shadow(server, 'closeIdleConnections', () => undefined);
  });

  const announceToAll = () => {
    announce();
    isForAll = true;
    announceInAnswersUnderWay(server);
  };

  return {
    announce,
    announceToAll,
    closeQuiet,
    async stopAccepting() {
      closeQuiet();
      if (!server.listening || isHttp2(server)) return announceToAll();
      await new Promise((resolve) => setImmediate(resolve)); // connections that wait to be accepted come first
      announceToAll(); // with the port: a client that was told before would connect anew in between
      restore.push(closePort(server));
      await quiet.whenOnlyBusy(SETTLE_MS);
    },
    end() {
      timer?.cancel();
      timer = undefined;
      restore.splice(0).forEach((undo) => undo());
      stops.delete(server);
    },
  };
}

/** Tells clients of this server to close their connection after the answer. Returns a function that ends this. */
function announceStop(server: HttpServer, isTold: (socket: Socket) => boolean): () => void {
  const onRequest = ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (isTold(socket)) announceIn(response);
  };
  // GOAWAY: streams under way are finished. Sessions are in no list, so each is told with its next stream.
  const onStream = ({ session }: ServerHttp2Stream) => session?.close();
  const onHttp1 = (request: IncomingMessage, response: ServerResponse) => {
    if (request.httpVersionMajor < 2) onRequest(request, response);
  };
  if (isHttp2(server)) {
    server.prependListener('stream', onStream);
    // The first listener for `request` makes an HTTP/2 server emit it, so none is added where there is none.
    if (server.listenerCount('request') > 0) server.prependListener('request', onHttp1);
    return () => void server.off('stream', onStream).off('request', onHttp1);
  }
  server.prependListener('request', onRequest);
  return () => void server.off('request', onRequest);
}

function announceInAnswersUnderWay(server: HttpServer): void {
  if (isHttp2(server)) return;
  socketsOf(server)?.forEach(({ _httpMessage }) => _httpMessage && announceIn(_httpMessage));
}

function announceIn(response: Pick<ServerResponse, 'headersSent' | 'setHeader'>): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

/**
 * Closes the listening socket of an application that will close its server later. The application's own call then waits for
 * this one: a second `close()` of Node would emit the event `close` twice.
 */
function closePort(server: HttpServer): () => void {
  let hasClosed = false;
  server.once('close', () => (hasClosed = true));
  server.close();
  return shadow(server, 'close', (callback?: () => void) => {
    if (callback && hasClosed) process.nextTick(callback);
    else if (callback) server.once('close', () => callback());
    return server;
  });
}

/** Puts an own method in front of that of the prototype. Returns a function that removes it. */
function shadow<K extends 'close' | 'closeIdleConnections'>(
  server: HttpServer,
  name: K,
  method: HttpServer[K],
): () => void {
  const previous = Object.getOwnPropertyDescriptor(server, name);
  Object.defineProperty(server, name, { value: method, configurable: true, writable: true });
  return () => {
    if (previous) Object.defineProperty(server, name, previous);
    else Reflect.deleteProperty(server, name);
  };
}

interface QuietConnections {
  /** Whether a connection had no request for QUIET_MS before the one that has just come. */
  isQuiet(socket: Socket): boolean;
  /** Notes which connections are quiet. */
  look(): void;
  /** Closes those that have been quiet for QUIET_MS. */
  close(): void;
  /** Resolves when each connection has a request under way, or after `limitMs`. */
  whenOnlyBusy(limitMs: number): Promise<void>;
}

/** Connections without a request under way, from which nothing has been read since the last look. */
function createQuietConnections(server: HttpServer): QuietConnections {
  const closeIdle = (server as Partial<HttpServer>).closeIdleConnections?.bind(server); // HTTP/2 servers have none
  let seen = new WeakMap<Socket, { readonly bytesRead: number; readonly sinceMs: number }>();
  let lookedMs = systemClock.now();
  const begunMs = systemClock.now();
  const isDue = (sinceMs: number) => systemClock.now() - sinceMs >= QUIET_MS;

  function look(): void {
    const nowMs = systemClock.now();
    // While the event loop was blocked, requests may have come that are not read yet.
    if (nowMs - lookedMs > MAX_LATE_MS) seen = new WeakMap();
    lookedMs = nowMs;
    for (const socket of socketsOf(server) ?? []) {
      const { bytesRead } = socket;
      if (isBusy(socket)) seen.delete(socket);
      else if (seen.get(socket)?.bytesRead !== bytesRead) seen.set(socket, { bytesRead, sinceMs: nowMs });
    }
  }

  function close(): void {
    const sockets = socketsOf(server);
    // A runtime that does not show its connections: those that Node takes for idle are closed.
    if (!sockets && isDue(begunMs)) closeIdle?.();
    for (const socket of sockets ?? []) {
      if (!isBusy(socket) && isDue(seen.get(socket)?.sinceMs ?? Infinity)) socket.destroy();
    }
  }

  async function whenOnlyBusy(limitMs: number): Promise<void> {
    const deadline = createDeadline(systemClock, limitMs);
    const isSettled = () => {
      const sockets = socketsOf(server);
      return sockets ? sockets.every(isBusy) : isDue(begunMs);
    };
    while (!isSettled() && deadline.remainingMs() > 0) {
      await new Promise<void>((resolve) => void systemClock.after(LOOK_MS, resolve));
    }
  }

  const isQuiet = (socket: Socket) => isDue(seen.get(socket)?.sinceMs ?? Infinity);

  return { isQuiet, look, close, whenOnlyBusy };
}

function isBusy({ _httpMessage, writableLength }: HttpSocket): boolean {
  return Boolean(_httpMessage) || writableLength > 0;
}

/** The list in which Node (18 to 26) keeps the parsers of an HTTP server. Idle connections have no public list. */
interface ConnectionsList {
  all(): readonly { readonly socket?: HttpSocket | null }[];
}

/** Open connections of an HTTP server without upgraded ones, or `undefined` if this runtime does not show them. */
function socketsOf(server: HttpServer): HttpSocket[] | undefined {
  const key = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  const list = key && (server as unknown as Record<symbol, Partial<ConnectionsList> | undefined>)[key];
  const parsers = list?.all?.();
  return parsers?.flatMap(({ socket }) => (socket && !socket.destroyed ? [socket] : []));
}
