import type { ClientRow } from '../client-list/row.js';
import { isStale } from '../client-list/stale.js';
import { formatSeconds } from '../group/duration.js';
import type { Filter } from '../group/filter.js';
import type { IsNamed } from './port.js';

/** Which connections are to be closed, and how people are told why. */
export interface Criterion {
  readonly isNamed: IsNamed;
  readonly why: (row: ClientRow) => string;
}

/** Connections of redis-hygiene whose heartbeat has stopped; only those that fit, where there is a filter. */
export function staleOnes(heartbeatSeconds: number, filter?: Filter): Criterion {
  return {
    isNamed: (row, kept) => isStale(kept, heartbeatSeconds) && (filter?.(row) ?? true),
    why: ({ idle }) =>
      `silent for ${formatSeconds(idle)}, its heartbeat is ${formatSeconds(heartbeatSeconds)}`,
  };
}

/** Whatever fits a filter. */
export function fittingOnes(filter: Filter): Criterion {
  return {
    isNamed: (row) => filter(row),
    why: ({ idle }) => `silent for ${formatSeconds(idle)}, fits the filter`,
  };
}
