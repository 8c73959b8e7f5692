import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { Server } from 'node:net';

/**
 * Sessions of HTTP/2 servers. A session that is told to end finishes its streams, and its client opens no further ones. Node
 * lists them from 24 on; before, they are known from `watchSessions()` on, or from their next stream.
 */

/** The highest id of a stream. A GOAWAY with it announces the end, and refuses no stream that is on its way. */
const MAX_STREAM_ID = 2 ** 31 - 1;

const watched = new WeakMap<Server, Set<Http2Session>>();

export function isHttp2(server: Server): boolean {
  return 'updateSettings' in server;
}

/** Keeps the sessions that a server opens from now on. */
export function watchSessions(server: Server): void {
  if (!isHttp2(server) || watched.has(server)) return;
  watched.set(server, new Set());
  server.on('session', (session: Http2Session) => keep(server, session));
}

function keep(server: Server, session: Http2Session): void {
  const sessions = watched.get(server);
  if (!sessions || sessions.has(session) || session.destroyed) return;
  sessions.add(session);
  session.once('close', () => sessions.delete(session));
}

/** Keeps also the sessions that were opened before, once they have a stream. Returns a function that ends this. */
export function watchStreams(server: Server): () => void {
  watchSessions(server);
  const onStream = ({ session }: ServerHttp2Stream) => session && keep(server, session);
  server.prependListener('stream', onStream);
  return () => void server.off('stream', onStream);
}

/** Tells the clients of all sessions, and of those to come, to open no further streams. Returns a function that ends this. */
export function announceToSessions(server: Server): () => void {
  const told = new WeakSet<Http2Session>();
  const tell = (session: Http2Session) => {
    if (session.closed || session.destroyed || told.has(session)) return;
    told.add(session);
    session.goaway(constants.NGHTTP2_NO_ERROR, MAX_STREAM_ID);
  };
  const onStream = ({ session }: ServerHttp2Stream) => session && tell(session);
  sessionsOf(server).forEach(tell);
  server.on('session', tell).prependListener('stream', onStream);
  return () => void server.off('session', tell).off('stream', onStream);
}

/** Ends all sessions after the streams that they have. */
export function closeSessions(server: Server): void {
  for (const session of sessionsOf(server)) if (!session.closed) session.close();
}

/** Whether no session takes further streams. */
export function areSessionsClosed(server: Server): boolean {
  return sessionsOf(server).every(({ closed, destroyed }) => closed || destroyed);
}

function sessionsOf(server: Server): Http2Session[] {
  const key = Object.getOwnPropertySymbols(server).find(({ description }) => description === 'sessions');
  const listed = key && (server as unknown as Record<symbol, unknown>)[key];
  const known = watched.get(server) ?? [];
  return [...new Set([...known, ...(listed instanceof Set ? (listed as Set<Http2Session>) : [])])];
}

/** Closes the port alone: the server's own `close()` ends sessions at once from Node 24 on. */
export function closePortOfHttp2(server: Server): void {
  Server.prototype.close.call(server);
}
