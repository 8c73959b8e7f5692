import type { Attribution } from '../attribution/attribution.js';
import type { RowView } from '../client-list/client-row.js';
import type { Source } from '../sources/source.js';

/** What rows can be grouped by: what a row says itself, and what is found out of its other end. */
export const groupKeys = [
  'owner',
  'service',
  'host',
  'role',
  'name',
  'ip',
  'lib',
  'user',
  'cmd',
  'db',
  'target',
] as const;

/** @see groupKeys */
export type GroupKey = (typeof groupKeys)[number];

/** Keys that stand in the row itself. */
type RowKey = Exclude<GroupKey, AttributionKey>;

/** Keys that need to know who holds the connection. */
export type AttributionKey = 'owner' | 'service' | 'host' | 'role';

export function isAttributionKey(key: GroupKey): key is AttributionKey {
  return key === 'owner' || key === 'service' || key === 'host' || key === 'role';
}

const fields: Readonly<Record<Exclude<RowKey, 'lib' | 'target'>, string>> = {
  name: 'name',
  ip: 'ip',
  user: 'user',
  cmd: 'cmd',
  db: 'db',
};

/** Reads the key of a row. */
export function rowKey(key: RowKey): KeyOf {
  if (key === 'target') return (_, { target }) => target;
  if (key === 'lib') return (row) => `${row.text('lib-name')} ${row.text('lib-ver')}`.trim();
  const field = fields[key];
  return (row) => row.text(field);
}

/** What an attribution says of a key; `''` where it says nothing. */
export function attributionKey(key: AttributionKey): (attribution: Attribution) => string {
  if (key === 'owner') return (attribution) => attribution.owner;
  return (attribution) => attribution[key] ?? '';
}

/** Reads the key of a row. */
export type KeyOf = (row: RowView, source: Source) => string;
