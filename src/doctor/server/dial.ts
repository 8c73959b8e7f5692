import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { HygieneError } from '../../core/errors.js';
import type { Clock } from '../../core/clock.js';
import { type Address, labelOf } from './address.js';
import { quote } from './quote.js';

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
  // An IP address is no server name (RFC 6066): Node warns of one, and checks the certificate by the host all the same.
  const name = 'host' in place && isIP(place.host) === 0 ? { servername: place.host } : {};
  try {
    return connectTls({ ...place, ...name, ...terms.tls });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HygieneError('HYG_CLI_FILE', `No TLS with these certificates and key: ${quote(why)}.`, {
      cause,
    });
  }
}

function unreachable(address: Address, why: string, cause?: unknown): HygieneError {
  return new HygieneError('HYG_TARGET_UNREACHABLE', `${labelOf(address)} cannot be reached: ${quote(why)}.`, {
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
    if (limit.signal.aborted) {
      const what = address.tls ? 'TLS connection' : 'connection';
      throw unreachable(address, `no ${what} within ${terms.timeoutMs} ms`);
    }
    const { message, code } = error as NodeJS.ErrnoException;
    throw unreachable(address, message || (code ?? 'the connection failed'), error);
  } finally {
    timer.cancel();
  }
}
