import type { Attribution } from '../attribution/attribution.js';
import type { RowView } from '../client-list/client-row.js';
import type { RowSource } from '../sources/source.js';

/** Keys that are taken from the attribution of a row. */
export const attributionKeys = ['owner', 'service', 'host', 'role'] as const;

/** @see attributionKeys */
export type AttributionKey = (typeof attributionKeys)[number];

/** Keys that name the owner as one source knows it, also where another source knows more. Each is the name of its source. */
const sourceKeys = ['container', 'pod', 'process'] as const;

/** @see sourceKeys */
export type SourceKey = (typeof sourceKeys)[number];

/** Keys that rows can be grouped by: fields of the row, and properties of its attribution. */
export const groupKeys = [
  ...attributionKeys,
  ...sourceKeys,
  ...(['name', 'ip', 'lib', 'user', 'cmd', 'db', 'target'] as const),
] as const;

/** @see groupKeys */
export type GroupKey = (typeof groupKeys)[number];

/** Keys that are taken from the row itself. */
type RowKey = Exclude<GroupKey, AttributionKey | SourceKey>;

/** Returns the key of the group that a row belongs to. */
export type KeyOf = (row: RowView, source: RowSource) => string;

export function isAttributionKey(key: string): key is AttributionKey {
  return attributionKeys.some((known) => known === key);
}

export function isSourceKey(key: string): key is SourceKey {
  return sourceKeys.some((known) => known === key);
}

const fieldByKey: Readonly<Record<Exclude<RowKey, 'lib' | 'target'>, string>> = {
  name: 'name',
  ip: 'ip',
  user: 'user',
  cmd: 'cmd',
  db: 'db',
};

/** The function that reads a key from a row. */
export function rowKeyOf(key: RowKey): KeyOf {
  if (key === 'target') return (_, { target }) => target;
  if (key === 'lib') return (row) => `${row.text('lib-name')} ${row.text('lib-ver')}`.trim();
  const field = fieldByKey[key];
  return (row) => row.text(field);
}

/** The function that reads a key from an attribution. It returns `''` if the attribution has none. */
export function attributionKeyOf(key: AttributionKey): (attribution: Attribution) => string {
  if (key === 'owner') return (attribution) => attribution.owner;
  return (attribution) => attribution[key] ?? '';
}

/** The owner of a peer according to one source; `''` if that source does not know a single one. */
export function ownerAccordingTo(source: SourceKey, attributions: readonly Attribution[]): string {
  const known = attributions.find(
    (attribution) => attribution.source === source && attribution.confidence !== 'ambiguous',
  );
  return known?.owner ?? '';
}
