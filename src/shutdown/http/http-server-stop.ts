import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { Server, type Socket } from 'node:net';
import { systemClock } from '../../core/clock.js';
import { closeAfter, noteRequest } from './closing-answer.js';
import {
  announceToSessions,
  closePortOfHttp2,
  closeSessions,
  isHttp2,
  watchStreams,
} from './http2-sessions.js';
import { connectionsOf, createQuietConnections, LOOK_MS, QUIET_MS } from './quiet-connections.js';

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
 *
 * Clients of HTTP/2 need no early word: GOAWAY tells them when the port closes, and their sessions end QUIET_MS later.
 */
export interface HttpServerStop {
  announce(): void;
  announceToAll(): void;
  stopAccepting(): Promise<void>;
  closeQuiet(): void;
  end(): void;
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

function createHttpServerStop(server: HttpServer): HttpServerStop {
  const quiet = createQuietConnections(server);
  const looks = createLooks(look);
  const restore: (() => void)[] = [];
  let forAllMs: number | undefined;

  function look(): void {
    quiet.look();
    quiet.close();
    if (forAllMs !== undefined && systemClock.now() - forAllMs >= QUIET_MS) closeSessions(server);
  }

  const once = (begin: () => () => void) => {
    let hasBegun = false;
    return () => {
      if (hasBegun) return;
      hasBegun = true;
      looks.begin();
      restore.push(begin());
    };
  };
  // A busy client that left would connect anew, and the port would close on its connection, which waits to be accepted.
  const announce = once(() =>
    announceStop(server, (socket) => forAllMs !== undefined || quiet.isQuiet(socket)),
  );
  const closeQuiet = once(() => closeQuietInstead(server, quiet.beginClosing));

  const announceToAll = () => {
    announce();
    if (forAllMs !== undefined) return;
    forAllMs = systemClock.now();
    restore.push(announceNow(server));
  };

  return {
    announce,
    announceToAll,
    closeQuiet,
    async stopAccepting() {
      closeQuiet();
      if (!server.listening) return announceToAll();
      await new Promise((resolve) => setImmediate(resolve)); // connections that wait to be accepted come first
      announceToAll(); // with the port: a client that was told before would connect anew in between
      restore.push(closePort(server));
      await quiet.whenOnlyBusy();
    },
    end() {
      looks.end();
      restore.splice(0).forEach((undo) => undo());
      stops.delete(server);
    },
  };
}

/** Looks every LOOK_MS, just after the poll phase, so that requests that have arrived have been read. */
function createLooks(look: () => void): { begin(): void; end(): void } {
  let timer: ReturnType<typeof systemClock.after> | undefined;
  function repeat(): void {
    look();
    timer = systemClock.after(LOOK_MS, () => setImmediate(() => timer && repeat()));
  }
  return {
    begin: () => timer ?? repeat(),
    end() {
      timer?.cancel();
      timer = undefined;
    },
  };
}

/** Tells clients of this server to close their connection after the answer. Returns a function that ends this. */
function announceStop(server: HttpServer, isTold: (socket: Socket) => boolean): () => void {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    if (request.httpVersionMajor >= 2) return;
    noteRequest(request.socket);
    if (isTold(request.socket)) closeAfter(response);
  };
  const unwatch = isHttp2(server) ? watchStreams(server) : () => undefined;
  // The first listener for `request` makes an HTTP/2 server emit it, so none is added where there is none.
  if (isHttp2(server) && server.listenerCount('request') === 0) return unwatch;
  server.prependListener('request', onRequest);
  return () => {
    unwatch();
    server.off('request', onRequest);
  };
}

/** Tells the clients of answers under way, and of HTTP/2 sessions. Returns a function that ends the latter. */
function announceNow(server: HttpServer): () => void {
  connectionsOf(server)?.forEach(({ _httpMessage }) => _httpMessage && closeAfter(_httpMessage));
  return isHttp2(server) ? announceToSessions(server) : () => undefined;
}

/**
 * Closes the listening socket of an application that will close its server later. The application's own call then waits for
 * this one: a second `close()` of Node would emit the event `close` twice.
 */
function closePort(server: HttpServer): () => void {
  let hasClosed = false;
  server.once('close', () => (hasClosed = true));
  if (isHttp2(server)) closePortOfHttp2(server);
  else server.close();
  return shadow(server, 'close', (callback?: () => void) => {
    if (callback && hasClosed) process.nextTick(callback);
    else if (callback) server.once('close', () => callback());
    return server;
  });
}

/** Lets quiet connections be closed, in place of those that Node takes for idle. Returns a function that ends the latter. */
function closeQuietInstead(server: HttpServer, beginClosing: () => void): () => void {
  beginClosing();
  return shadow(server, 'closeIdleConnections', () => undefined);
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
