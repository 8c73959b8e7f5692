import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { HealthOptions } from '../../factory/health/health-options.js';
import { createReadinessProbe, type ProbedFactory } from '../readiness.js';

/** A handler of Express, of Connect, and of Node's own servers for HTTP and HTTP/2. */
export type ProbeHandler = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

/** Creates the handler of a liveness probe, which tells that the event loop runs, and nothing about Redis. */
export function livez(): ProbeHandler {
  return (request, response) => answer(request, response, 200, { status: 'up' });
}

/**
 * Creates the handler of a readiness probe: 200 with the report of `health()`, or 503 while the factory is `down`. With
 * shutdown hooks it is `down` from the signal on.
 *
 * @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`, `HYG_OPTION_RANGE`
 */
export function readyz(factory: ProbedFactory, options?: HealthOptions): ProbeHandler {
  const probe = createReadinessProbe(factory, options);
  return (request, response) => {
    probe().then(
      ({ statusCode, body }) => answer(request, response, statusCode, body),
      // health() never rejects, but what stands in its place in a test or a wrapper may: the process is not ready then.
      () => answer(request, response, 503, { status: 'down' }),
    );
  };
}

function answer(
  ...[request, response, statusCode, body]: [...Parameters<ProbeHandler>, statusCode: number, body: object]
): void {
  if (response.headersSent) return; // by a time limit of the application
  const text = JSON.stringify(body);
  response.writeHead(statusCode, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  if (request.method === 'HEAD') response.end();
  else response.end(text);
}
