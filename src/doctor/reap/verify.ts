import type { ClientRow } from '../client-list/row.js';
import { neverKill, type NeverReason } from './never.js';
import type { Seen } from './plan.js';

/** Why a connection that was planned to be closed is spared after all. */
export const changeTable = {
  gone: 'it has closed by itself',
  address: 'its id belongs to another address now',
  younger: 'its id belongs to a younger connection now',
  renamed: 'it has another name now',
  spoke: 'it has spoken since',
  unmatched: 'it is no longer one of those that were asked for',
} as const;

export type Change = keyof typeof changeTable | NeverReason;

/**
 * The second of its life in which something went over it for the last time. The server takes both numbers from one look at
 * its clock, so it stays exactly the same as long as the connection is silent.
 */
function lastWord({ age, idle }: ClientRow): number {
  return age - idle;
}

/** What has changed about a connection since the plan was made; nothing if it may be closed. */
export function changeOf(before: ClientRow, now: Seen | undefined): Change | undefined {
  if (now === undefined) return 'gone';
  const { row, named } = now;
  if (row.addr !== before.addr) return 'address';
  if (row.age < before.age) return 'younger';
  if (row.name !== before.name) return 'renamed';
  if (row.idle < before.idle || lastWord(row) !== lastWord(before)) return 'spoke';
  return neverKill(row) ?? (named ? undefined : 'unmatched');
}
