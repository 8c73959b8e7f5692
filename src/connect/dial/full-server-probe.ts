import { connect, type Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { isServerFullReply } from '../ioredis/server-replies.js';

/** Address of a server's end of a socket, to which a probe connects. */
export type PeerAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** Result of a probe. `unknown`: neither the reply of a full server nor silence, but for example a closed connection. */
export type ProbeResult = 'full' | 'available' | 'unknown';

/** Tests over a connection that sends nothing whether a server accepts connections. Never rejects. */
export type FullServerProbe = (address: PeerAddress) => Promise<ProbeResult>;

/**
 * Limit for the connection to come up, and time of silence after which the server counts as available. A full server
 * refuses in its first turn of the event loop, one round trip later (measured 200 times of 200).
 */
const PROBE_TIMEOUT_MS = 500;

/**
 * Creates a probe. A full Redis writes "-ERR max number of clients reached" and closes. A client that has written
 * anything by then receives a reset in place of this text, so only a connection that sends nothing is sure to see it.
 */
export function createFullServerProbe({ after }: Pick<Clock, 'after'>): FullServerProbe {
  return (address) =>
    new Promise((resolve) => {
      const socket: Socket = connect(address).unref();
      let timer = after(PROBE_TIMEOUT_MS, () => finish('unknown'));
      const finish = (result: ProbeResult) => {
        timer.cancel();
        socket.destroy();
        resolve(result);
      };
      socket.once('connect', () => {
        timer.cancel();
        timer = after(PROBE_TIMEOUT_MS, () => finish('available'));
      });
      socket.once('data', (reply) => finish(isServerFullReply(reply) ? 'full' : 'unknown'));
      socket.on('error', () => finish('unknown'));
      socket.once('close', () => finish('unknown'));
    });
}
