import { type EventCount, isExpected, type Labels } from '../factory/event-counts.js';
import type { HygieneEvents } from '../factory/events.js';
import { staleCauses } from '../liveness/health-check-target.js';
import { orphanOutcomes } from '../liveness/reap-orphans.js';
import { pickLabels, PLACE, type Sample } from './samples.js';

/** Redis' own words for why a client's socket closed, as its instrumentations for other clients use them. */
export const socketCloseReasons = {
  application_close:
    'The application, a shutdown or a pool closed the connection, or this process closed it to dial again.',
  pool_eviction_idle: 'The pool closed the connection, because it was idle for longer than `idleTimeoutMs`.',
  healthcheck_failed: 'A health check or TCP keepalive found the peer dead (the `stale` event).',
  server_close: 'The server closed the connection.',
  error: 'The socket failed.',
} as const;

/** All values of a label that has few. */
const labelValues: Readonly<Record<string, readonly string[]>> = {
  cause: Object.keys(staleCauses),
  outcome: Object.keys(orphanOutcomes),
  reason: Object.keys(socketCloseReasons),
};

/** The number of times an event was emitted, by these labels. */
export function eventSamples(
  events: readonly EventCount[],
  event: keyof HygieneEvents,
  labels: readonly string[],
): readonly Sample[] {
  const counted = events.filter((one) => one.event === event);
  return [
    ...(isExpected(event) ? [] : zerosOf(events, labels)),
    ...counted.map((one) => ({ labels: pickLabels(one.labels, labels), value: one.count })),
  ];
}

/**
 * A 0 for each set of labels that an event can have, of all connections that were ever dialled. A counter that appears with
 * its first event would not rise, so that `increase()` in Prometheus would miss that event, for every value of a label by
 * itself. There are none for labels whose values are not known before, such as the code of an error. Events that only
 * subscribers or pools have were counted with 0 when these were opened.
 */
export function zerosOf(events: readonly EventCount[], labels: readonly string[]): readonly Sample[] {
  const [own, ...others] = labels.filter((label) => !(PLACE as readonly string[]).includes(label));
  const values = own === undefined ? [{}] : (labelValues[own] ?? []).map((value) => ({ [own]: value }));
  if (others.length > 0) return [];
  const dialled = events.filter(({ event }) => event === 'connecting');
  return dialled.flatMap((dial) =>
    values.map((value: Labels) => ({ labels: pickLabels({ ...dial.labels, ...value }, labels), value: 0 })),
  );
}
