import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RedisFactory } from '../../factory/factory.js';
import type { HealthOptions } from '../../factory/health/health.js';
import { checkReadiness } from '../readiness.js';

/** A handler of Express, of Connect, and of Node's own HTTP server. */
export type ProbeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Creates the handler of a liveness probe, which tells that the event loop runs, and nothing about Redis. */
export function livez(): ProbeHandler {
  return (_request, response) => answer(response, 200, { status: 'up' });
}

/**
 * Creates the handler of a readiness probe: 200 with the report of `health()`, or 503 while the factory is `down`. With
 * shutdown hooks it is `down` from the signal on.
 */
export function readyz(factory: Pick<RedisFactory, 'health'>, options?: HealthOptions): ProbeHandler {
  return (_request, response) =>
    void checkReadiness(factory, options).then(({ statusCode, body }) => answer(response, statusCode, body));
}

function answer(response: ServerResponse, statusCode: number, body: object): void {
  response.writeHead(statusCode, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
