import type { Clock } from '../../core/clock.js';
import { isReplyError } from '../../core/errors.js';
import type { OpenedConnection } from './opened.js';

/** What became of a PING. `cannot-ask`: none of the connections could be asked. */
export type PingResult = 'answered' | 'unanswered' | 'cannot-ask';

/** Asks servers whether they answer, by one PING each. */
export interface Pings {
  /** Sends PING on one of these connections to the server that `key` stands for. */
  ask(key: string, connections: readonly OpenedConnection[], timeoutMs: number): Promise<PingResult>;
}

/**
 * Calls for the same server share a PING for as long as it is not answered, so that a server which does not answer gets
 * one of them and not one for each call.
 */
export function createPings(clock: Clock): Pings {
  const pending = new Map<string, Promise<PingResult>>();

  function send(key: string, connections: readonly OpenedConnection[]): Promise<PingResult> | undefined {
    for (const connection of connections) {
      const reply = connection.ping();
      if (!reply) continue;
      const result = reply.then(() => 'answered' as const, resultOfError);
      pending.set(key, result);
      void result.then(() => pending.delete(key));
      return result;
    }
    return undefined;
  }

  return {
    ask(key, connections, timeoutMs) {
      const result = pending.get(key) ?? send(key, [...connections].sort(byChance));
      return result ? within(clock, timeoutMs, result) : Promise.resolve('cannot-ask');
    },
  };
}

/** A server that refuses PING has answered. Any other error says that the connection was lost. */
function resultOfError(error: unknown): PingResult {
  return isReplyError(error) ? 'answered' : 'unanswered';
}

/** The connection that is most likely to answer comes first. */
function byChance({ health: one }: OpenedConnection, { health: other }: OpenedConnection): number {
  if (one.isStalled !== other.isStalled) return one.isStalled ? 1 : -1;
  return (one.silentMs ?? Infinity) < (other.silentMs ?? Infinity) ? -1 : 1;
}

/**
 * The caller waits for the result, so the timer keeps the process alive. Before the verdict the event loop reads its sockets
 * once more: a process that was blocked for longer than the timeout finds the answer there.
 */
function within(clock: Clock, timeoutMs: number, result: Promise<PingResult>): Promise<PingResult> {
  return new Promise((resolve) => {
    const timer = clock.afterRef(timeoutMs, () => setImmediate(() => resolve('unanswered')));
    void result.then((known) => {
      timer.cancel();
      resolve(known);
    });
  });
}
