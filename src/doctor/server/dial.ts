import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { HygieneError } from '../../core/errors.js';
import type { Clock } from '../../core/clock.js';
import { labelOf, type Address } from './address.js';

/** What a dial needs besides the address. */
export interface DialTerms {
  readonly clock: Clock;
  /** Bounds the connection and the TLS handshake. */
  readonly timeoutMs: number;
  readonly tls: ConnectionOptions;
  /** Ends it before that. */
  readonly signal: AbortSignal;
}

function open({ place, tls }: Address, terms: DialTerms): Socket {
  if (!tls) return connect(place);
  const name = 'host' in place ? { servername: place.host } : {};
  return connectTls({ ...place, ...name, ...terms.tls });
}

function unreachable(address: Address, why: string, cause?: unknown): HygieneError {
  return new HygieneError('HYG_TARGET_UNREACHABLE', `${labelOf(address)} cannot be reached: ${why}.`, {
    cause,
  });
}

/**
 * Connects to a server.
 *
 * @throws HygieneError `HYG_TARGET_UNREACHABLE`
 */
export async function dial(address: Address, terms: DialTerms): Promise<Socket> {
  const socket = open(address, terms);
  const limit = new AbortController();
  const timer = terms.clock.hold(terms.timeoutMs, () => limit.abort());
  const signal = AbortSignal.any([limit.signal, terms.signal]);
  try {
    await once(socket, address.tls ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    terms.signal.throwIfAborted();
    if (limit.signal.aborted) throw unreachable(address, `no connection within ${terms.timeoutMs} ms`);
    const { message, code } = error as NodeJS.ErrnoException;
    throw unreachable(address, message || (code ?? 'the connection failed'), error);
  } finally {
    timer.cancel();
  }
}
