import type { Clock } from '../core/clock.js';
import type { Learned } from './lookout.js';

/** A master has moved, and what became of its clients. */
export interface FailoverReport {
  /** Its name. */
  readonly master: string;
  /** `host:port` of the old server, as the sentinels call it. */
  readonly from: string;
  readonly to: string;
  /** Whether a sentinel told of it by itself (`+switch-master`), or when it was asked. */
  readonly learned: Learned;
  /** `host:port` of that sentinel. */
  readonly sentinel: string;
  /** Clients of this factory that were closed and dialled again, or were looking for their master. */
  readonly clients: number;
  /** How many of them are not ready yet, 10 s later or when the master moves again. */
  readonly waiting: number;
  /** From when it was learned until the last of them was ready, in milliseconds. */
  readonly durationMs: number;
}

/** What is known at once. */
export type FailoverFacts = Pick<FailoverReport, 'master' | 'from' | 'to' | 'learned' | 'sentinel'>;

/** So long the clients are waited for. */
const WAIT_MS = 10_000;

/** A failover whose clients are on their way to the new server. */
export interface Failover {
  /** One of them is ready, or has left. */
  arrived(client: object): void;
  /** Tells now, whoever is still waiting. */
  end(): void;
}

export function beginFailover(
  facts: FailoverFacts,
  clients: readonly object[],
  { clock, tell }: { readonly clock: Clock; readonly tell: (report: FailoverReport) => void },
): Failover {
  const begunAt = clock.now();
  const waiting = new Set(clients);
  let isTold = false;

  function end(): void {
    timer.cancel();
    if (isTold) return;
    isTold = true;
    const durationMs = clock.now() - begunAt;
    tell({ ...facts, clients: clients.length, waiting: waiting.size, durationMs });
  }

  const timer = clock.after(WAIT_MS, end);
  if (clients.length === 0) end();
  return {
    arrived: (client) => void (waiting.delete(client) && waiting.size === 0 && end()),
    end,
  };
}
