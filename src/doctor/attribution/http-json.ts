import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.js';

/** What came of one question over HTTP. */
export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'absent' | 'forbidden' | 'silent' | 'broken'; readonly why: string };

/** Bounds of one question. */
export interface AskBounds {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * Sends one request that has no body. Never rejects.
 *
 * @param dial makes the request, over a connection of its own
 */
export function ask(dial: () => ClientRequest, bounds: AskBounds, clock: Clock): Promise<Answer> {
  return new Promise((resolve) => {
    const call = dial();
    const end = (answer: Answer) => {
      timer.cancel();
      call.destroy();
      resolve(answer);
    };
    const timer = clock.hold(bounds.timeoutMs, () =>
      end({ kind: 'silent', why: `no answer within ${bounds.timeoutMs} ms` }),
    );
    call.once('response', (response) => void collect(response, bounds.maxBytes).then(end));
    // What comes after the end is of no interest; without a listener it would be thrown.
    call.on('error', (error) => end(failure(error)));
    call.end();
  });
}

async function collect(response: IncomingMessage, maxBytes: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return { kind: 'broken', why: `an answer of more than ${maxBytes} bytes` };
      chunks.push(chunk);
    }
  } catch (error) {
    return { kind: 'broken', why: `an answer that breaks off: ${messageOf(error)}` };
  }
  return { kind: 'answer', status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}

function failure(error: Error): Answer {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'EACCES' || code === 'EPERM') return { kind: 'forbidden', why: 'permission denied' };
  if (code === 'ENOENT') return { kind: 'absent', why: 'no such socket' };
  if (code === 'ECONNREFUSED') return { kind: 'absent', why: 'connection refused' };
  if (code.startsWith('HPE_')) return { kind: 'broken', why: 'an answer that is no HTTP' };
  return { kind: 'absent', why: messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** Reads JSON that others wrote: what is missing, or of another kind than expected, reads as nothing. */
export type Json = Readonly<Record<string, unknown>>;

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** A text that is not empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
