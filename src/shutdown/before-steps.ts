import { once } from 'node:events';
import { Server } from 'node:net';
import { isHttp2, watchSessions } from './http/http2-sessions.js';
import { findHttpServer, httpServerStop, isHttpServer } from './http/http-server-stop.js';

/** Something with `close()`: an HTTP server, a Fastify or Nest application, a queue worker. */
export interface Closable {
  close(): unknown;
}

/** A thing to stop before the connections to Redis: a function, or something with `close()`. */
export type BeforeStep = Closable | (() => unknown);

/** A step, or a list of steps. Steps may be added to the list until its last one has been stopped. */
export type Before = BeforeStep | readonly BeforeStep[];

export function isBefore(value: unknown): value is Before {
  return value instanceof Array ? value.every(isStep) : isStep(value);
}

function isStep(value: unknown): boolean {
  return typeof value === 'function' || typeof (value as { close?: unknown } | null)?.close === 'function';
}

/** Whether there is nothing to stop. */
export function isEmpty(before: Before | undefined): before is undefined {
  return before === undefined || (before instanceof Array && before.length === 0);
}

/** Notes what HTTP/2 servers among the steps open from now on, so that it can be closed. */
export function watchServers(before: Before | undefined): void {
  serversOf(before).forEach(watchSessions);
}

/** Makes HTTP servers among the steps tell clients that seldom ask to leave. They accept connections and requests as before. */
export function announceStop(before: Before | undefined): void {
  serversOf(before).forEach((server) => httpServerStop(server).announce());
}

function serversOf(before: Before | undefined) {
  if (before === undefined) return [];
  return (before instanceof Array ? before : [before]).flatMap((step) => findHttpServer(step) ?? []);
}

/** Runs the steps of `before`, and resolves when all of them have ended. Each step is told before it is run. */
export function runBefore(
  before: Before,
  onStep: (step: BeforeStep) => void = () => undefined,
): Promise<void> {
  if (before instanceof Array) return runSteps(before, onStep);
  onStep(before);
  return runStep(before);
}

/** What a step is called in messages: the name of its class or function. */
export function nameOfStep(step: BeforeStep): string {
  const name = typeof step === 'function' ? step.name : step.constructor.name;
  if (typeof step === 'function') return name ? `the function ${name}` : 'a function';
  return name && name !== 'Object' ? name : 'an object with close()';
}

/**
 * Runs steps one after the other, the last one first, and those that are added meanwhile. A step that fails does not
 * prevent the others from running.
 */
async function runSteps(steps: readonly BeforeStep[], onStep: (step: BeforeStep) => void): Promise<void> {
  const errors: unknown[] = [];
  const begun = new Set<BeforeStep>();
  const next = () => steps.findLast((step) => !begun.has(step));
  for (let step = next(); step !== undefined; step = next()) {
    begun.add(step);
    onStep(step);
    await runStep(step).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 1) {
    throw new AggregateError(errors, `${errors.length} of ${begun.size} before steps failed.`);
  }
  if (errors.length === 1) throw errors[0];
}

async function runStep(step: BeforeStep): Promise<void> {
  const server = findHttpServer(step);
  const stop = server && httpServerStop(server);
  // An application answers requests wrongly once its close() has begun: Fastify with 503, Nest without its providers.
  // Node's own close() of an HTTP/2 server refuses streams that are on their way (24 and newer), or waits for idle sessions.
  if (server && (server !== step || isHttp2(server))) await stop?.stopAccepting();
  stop?.announceToAll();
  stop?.closeQuiet();
  try {
    await waitForEnd(typeof step === 'function' ? step() : step.close());
  } finally {
    stop?.end();
  }
}

/** Waits for the result of a step. `server.close()` returns the server at once and emits `close` when it has ended. */
async function waitForEnd(result: unknown): Promise<void> {
  const value = await result;
  if (!(value instanceof Server)) return;
  const stop = isHttpServer(value) ? httpServerStop(value) : undefined;
  stop?.announceToAll();
  stop?.closeQuiet();
  try {
    await (value.listening ? once(value, 'close') : waitForConnections(value));
  } finally {
    stop?.end();
  }
}

/** Waits for a server that is closing. It no longer listens, but emits `close` only after its last request. */
function waitForConnections(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error);
      else if (count === 0) resolve();
      else server.once('close', resolve);
    });
  });
}
