import { processWide } from '../core/process-wide.js';
import type { Identity } from '../identity/detect-identity.js';
import { roleOfName } from '../options/resolve-options.js';
import type { HygieneEvents } from './events.js';

/** The labels of a count. */
export type Labels = Readonly<Record<string, string>>;

/** How often an event with these labels was emitted in this process, by all of its factories and the preload. */
export interface EventCount {
  readonly event: keyof HygieneEvents;
  readonly labels: Labels;
  readonly count: number;
}

/** Largest number of different values of each label. `redis-hygiene` itself gives the other labels their few values. */
export const LABEL_LIMITS = { service: 20, role: 50, target: 100, master: 50 } as const;

/** A label whose values come from the application, so that their number is limited. */
type LimitedLabel = keyof typeof LABEL_LIMITS;

/** What stands for all values beyond a limit. */
const OTHER = 'other';

/**
 * Limits the number of different values of a label, as each one becomes a time series in the store of metrics. The first
 * `max` values are kept, and all later ones become `other`.
 */
function createLabelLimit(max: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= max) return OTHER;
    known.add(value);
    return value;
  };
}

/** Counts events. The cost of an event is one look into a map; nothing is counted for each command or lease. */
export interface EventCounts {
  count(event: keyof HygieneEvents, labels: Labels): void;
  /** Counts 0 of an event that may follow, so that its first one is a rise. */
  expect(event: keyof HygieneEvents, labels: Labels): void;
  read(): readonly EventCount[];
  /** The labels with which metrics name something of the application: the same text in all of them, limited in number. */
  limit(labels: Labels): Labels;
}

export function createEventCounts(
  limits: Readonly<Record<LimitedLabel, number>> = LABEL_LIMITS,
): EventCounts {
  const counts = new Map<
    string,
    { readonly event: keyof HygieneEvents; readonly labels: Labels; count: number }
  >();
  const limiters = new Map<string, (value: string) => string>(
    Object.entries(limits).map(([label, max]) => [label, createLabelLimit(max)]),
  );

  function limit(labels: Labels): Labels {
    const limited = Object.entries(labels).map(([label, value]) => [
      label,
      limiters.get(label)?.(value) ?? value,
    ]);
    return Object.fromEntries(limited) as Labels;
  }

  function add(event: keyof HygieneEvents, given: Labels, added: number): void {
    const labels = limit(given);
    const key = [event, ...Object.values(labels)].join('\n');
    const known = counts.get(key);
    if (known) known.count += added;
    else counts.set(key, { event, labels, count: added });
  }

  return {
    limit,
    count: (event, labels) => add(event, labels, 1),
    expect: (event, labels) => add(event, labels, 0),
    read: () => [...counts.values()].map((each) => ({ ...each })),
  };
}

/** The counts of this process. */
export const processEventCounts = processWide('event counts', () => createEventCounts());

/** What the counts of an event are told apart by, beside the service. An event without a row is not counted. */
type LabelsOf = { readonly [Name in keyof HygieneEvents]?: (payload: HygieneEvents[Name][0]) => Labels };

const UNKNOWN = 'unknown';

const labelsOf: LabelsOf = {
  connecting: ({ connection: { role, target } }) => ({ role, target }),
  connected: ({ connection: { role, target } }) => ({ role, target }),
  ready: ({ connection: { role, target } }) => ({ role, target }),
  reconnecting: ({ connection: { role, target }, from = UNKNOWN, loss = UNKNOWN }) => ({
    role,
    target,
    from,
    loss,
  }),
  closed: ({ connection: { role, target }, from = UNKNOWN, reason, loss = UNKNOWN }) => ({
    ...{ role, target, from, reason, loss },
  }),
  stale: ({ connection: { role, target }, cause }) => ({ role, target, cause }),
  stalled: ({ connection: { role, target } }) => ({ role, target }),
  recovered: ({ connection: { role, target } }) => ({ role, target }),
  orphan: ({ role, target, outcome }) => ({ role, target, outcome }),
  saturated: ({ target }) => ({ target }),
  failover: ({ master }) => ({ master }),
  gap: ({ role, target }) => ({ role, target }),
  suspect: ({ connection: { role } }) => ({ role }),
  'lease-overdue': ({ pool }) => ({ role: roleOfName(pool) }),
  error: ({ code, details: { target } }) => ({
    code,
    ...(typeof target === 'string' ? { target } : undefined),
  }),
};

/** Counts an event of a factory. */
export function countEvent<Name extends keyof HygieneEvents>(
  { service }: Identity,
  event: Name,
  payload: HygieneEvents[Name][0],
): void {
  const labels = labelsOf[event]?.(payload);
  if (labels) processEventCounts.count(event, { service, ...labels });
}

/** Events that only the connections of subscribers or of pools have. */
const expectedEvents = ['gap', 'lease-overdue'] as const;

type ExpectedEvent = (typeof expectedEvents)[number];

/** Whether an event is counted from 0 on, from when its subscriber or pool is opened. */
export function isExpected(event: keyof HygieneEvents): event is ExpectedEvent {
  return (expectedEvents as readonly string[]).includes(event);
}

/** Counts 0 of an event that a subscriber or pool may have. The labels are those of the event. */
export function expectEvent({ service }: Identity, event: ExpectedEvent, labels: Labels): void {
  processEventCounts.expect(event, { service, ...labels });
}
