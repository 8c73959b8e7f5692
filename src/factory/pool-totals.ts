import { DurationHistogram } from '../core/duration-histogram.js';
import { processWide } from '../core/process-wide.js';
import type { PoolCounters, PoolHistograms } from '../pool/pool-report.js';
import { type Labels, processEventCounts } from './event-counts.js';

/** What one pool has counted, or several pools together. */
interface PoolCountsTotal extends PoolHistograms, Pick<PoolCounters, 'timeouts' | 'refusals'> {
  /** Number of connections that closed, by reason. */
  readonly closed: Readonly<Record<string, number>>;
}

/** What all pools of the process with the same labels have counted, closed ones included. */
export interface PoolTotal extends PoolCountsTotal {
  readonly labels: Labels;
}

/** Sums of what pools have counted, which never fall: a pool that is closed or forgotten stays in them. */
export interface PoolTotals {
  /**
   * Adds a pool, whose counters are read when the sums are.
   *
   * @param owner Lives for as long as the pool may count: also a closed pool does, while a lease of it lasts.
   */
  add(labels: Labels, counters: PoolCountsTotal, owner: object): void;
  read(): readonly PoolTotal[];
}

interface CountedPool {
  readonly labels: Labels;
  readonly counters: PoolCountsTotal;
}

/** @param limit Limits the values of the labels. */
export function createPoolTotals(limit: (labels: Labels) => Labels): PoolTotals {
  const counting = new Set<CountedPool>();
  const ended = new Map<string, Sum>();
  const owners = new FinalizationRegistry<CountedPool>((pool) => {
    counting.delete(pool);
    addTo(ended, pool);
  });

  return {
    add(labels, counters, owner) {
      const pool = { labels: limit(labels), counters };
      counting.add(pool);
      owners.register(owner, pool);
    },
    read() {
      const sums = new Map<string, Sum>();
      for (const sum of ended.values()) addTo(sums, { labels: sum.labels, counters: sum });
      for (const pool of counting) addTo(sums, pool);
      return [...sums.values()];
    },
  };
}

function addTo(sums: Map<string, Sum>, { labels, counters }: CountedPool): void {
  const key = Object.values(labels).join('\n');
  const sum = sums.get(key) ?? new Sum(labels);
  sums.set(key, sum);
  sum.add(counters);
}

class Sum implements PoolTotal {
  readonly wait = new DurationHistogram();
  readonly use = new DurationHistogram();
  readonly create = new DurationHistogram();
  timeouts = 0;
  refusals = 0;
  readonly closed: Record<string, number> = {};

  constructor(readonly labels: Labels) {}

  add({ wait, use, create, timeouts, refusals, closed }: PoolCountsTotal): void {
    this.wait.addAll(wait);
    this.use.addAll(use);
    this.create.addAll(create);
    this.timeouts += timeouts;
    this.refusals += refusals;
    for (const [reason, count] of Object.entries(closed)) {
      this.closed[reason] = (this.closed[reason] ?? 0) + count;
    }
  }
}

/** The pools of this process. */
export const processPoolTotals = processWide('pool totals', () =>
  createPoolTotals((labels) => processEventCounts.limit(labels)),
);
