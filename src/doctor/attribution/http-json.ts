import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.js';

/**
 * Outcome of one HTTP request.
 *
 * - `absent`: nothing listens there.
 * - `forbidden`: this user may not open the socket.
 * - `silent`: no complete response in time.
 * - `broken`: a response that is cut off, too long, or not HTTP.
 */
export type RequestOutcome =
  | { readonly kind: 'response'; readonly status: number; readonly body: string }
  | { readonly kind: 'absent' | 'forbidden' | 'silent' | 'broken'; readonly reason: string };

/** Limits of one request. */
export interface RequestLimits {
  /** Milliseconds for the complete response. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * Sends one request without a body. Never rejects.
 *
 * @param createRequest creates the request, over a connection of its own
 */
export function sendRequest(
  createRequest: () => ClientRequest,
  limits: RequestLimits,
  clock: Clock,
): Promise<RequestOutcome> {
  return new Promise((resolve) => {
    const request = createRequest();
    const finish = (outcome: RequestOutcome) => {
      timer.cancel();
      request.destroy();
      resolve(outcome);
    };
    const timer = clock.afterRef(limits.timeoutMs, () =>
      finish({ kind: 'silent', reason: `no answer within ${limits.timeoutMs} ms` }),
    );
    request.once('response', (response) => void readBody(response, limits.maxBytes).then(finish));
    // The listener stays after the end: an `error` event without a listener would be thrown.
    request.on('error', (error) => finish(outcomeOfError(error)));
    request.end();
  });
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<RequestOutcome> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return { kind: 'broken', reason: `an answer of more than ${maxBytes} bytes` };
      chunks.push(chunk);
    }
  } catch (error) {
    return { kind: 'broken', reason: `an answer that was cut off: ${messageOf(error)}` };
  }
  return { kind: 'response', status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}

function outcomeOfError(error: Error): RequestOutcome {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'EACCES' || code === 'EPERM') return { kind: 'forbidden', reason: 'permission denied' };
  if (code === 'ENOENT') return { kind: 'absent', reason: 'no such socket' };
  if (code === 'ECONNREFUSED') return { kind: 'absent', reason: 'connection refused' };
  if (code.startsWith('HPE_')) return { kind: 'broken', reason: 'an answer that is not HTTP' };
  return { kind: 'absent', reason: messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** JSON written by another program. A value that is missing or has an unexpected type reads as empty. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value if it is an object, else `{}`. */
export function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The value if it is an array, else `[]`. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** The value if it is a non-empty string, else `undefined`. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
