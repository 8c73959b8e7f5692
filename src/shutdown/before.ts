import { once } from 'node:events';
import { Server } from 'node:net';

/** Something that stops: an HTTP server, a Fastify or Nest application, a queue worker. */
export interface Closable {
  close(): unknown;
}

/** One thing that is to be stopped before the connections to Redis are: a function, or something with `close()`. */
export type BeforeStep = Closable | (() => unknown);

/** That, or a list of them, which may grow until the stop begins: the last one of it is stopped first. */
export type Before = BeforeStep | readonly BeforeStep[];

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

async function runStep(step: BeforeStep): Promise<void> {
  await settle(typeof step === 'function' ? step() : step.close());
}

/** One after the other, the last one first. One that fails does not keep the others from being stopped. */
async function runSteps(steps: readonly BeforeStep[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.toReversed()) await runStep(step).catch((error: unknown) => errors.push(error));
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} of ${steps.length} failed.`);
  if (errors.length === 1) throw errors[0];
}

/** Runs what comes before, and resolves when it has really ended. */
export function runBefore(before: Before): Promise<void> {
  return before instanceof Array ? runSteps(before) : runStep(before);
}
