import { once } from 'node:events';
import { Server } from 'node:net';

/** Something that stops: an HTTP server, a Fastify instance, a queue worker. */
export interface Closable {
  close(callback?: (error?: Error) => void): unknown;
}

/** What is to be stopped before the connections to Redis are: a function, or something with `close()`. */
export type Before = Closable | (() => unknown);

/** How it went. */
export type BeforeOutcome = 'none' | 'done' | 'late' | 'failed';

/** `server.close()` gives the server back at once, and tells of its end by an event. */
async function settle(result: unknown): Promise<void> {
  const value = await result;
  if (value instanceof Server && value.listening) await once(value, 'close');
  else if (value instanceof Server) await connectionsGone(value);
}

/** A server that is closing listens no more, but has not emitted `close` while requests are under way. */
function connectionsGone(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error);
      else if (count === 0) resolve();
      else server.once('close', resolve);
    });
  });
}

/** Runs what comes before, and resolves when it has really ended. */
export async function runBefore(before: Before): Promise<void> {
  await settle(typeof before === 'function' ? before() : before.close());
}
