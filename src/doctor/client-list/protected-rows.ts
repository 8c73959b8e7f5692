import type { ClientRow } from './client-row.js';

/** A kind of connection that is never closed, whatever names it. */
interface NeverRow {
  /** What the connection is, for people. */
  readonly meaning: string;
  readonly applies: (row: ClientRow) => boolean;
}

/** A replica is a plain client until PSYNC: its link has flag `N` while it is set up. */
const LINK_SETUP = new Set(['replconf', 'psync', 'sync', 'cluster|syncslots']);

const flagged = (letters: RegExp) => (row: ClientRow) => letters.test(row.flags);

/** What is spared even if a filter names it. The first that applies gives the reason. */
export const protectedTable = {
  unreadable: {
    meaning: 'its row has no id, address or flags, so nothing can be proven of it',
    applies: ({ id, addr, flags }) => !Number.isSafeInteger(id) || addr === '' || flags === '',
  },
  replica: { meaning: 'it is a replica', applies: flagged(/S/) },
  master: { meaning: 'it is the master of this server', applies: flagged(/M/) },
  monitor: { meaning: 'somebody watches with MONITOR', applies: flagged(/O/) },
  /** Redis 8.4: `g`, `o`. Valkey 9: `i`, `E` (valkey-io/valkey#2639). */
  'slot-migration': { meaning: 'slots of the Cluster move over it', applies: flagged(/[goiE]/) },
  'link-setup': { meaning: 'a replica sets its link up over it', applies: ({ cmd }) => LINK_SETUP.has(cmd) },
  sentinel: { meaning: 'it is a link of a Sentinel', applies: ({ name }) => SENTINEL_LINK.test(name) },
} as const satisfies Record<string, NeverRow>;

export type ProtectedReason = keyof typeof protectedTable;

const rules = Object.entries(protectedTable) as [ProtectedReason, NeverRow][];

/** Why a connection must not be closed; nothing where it may be. */
export function protectedReason(row: ClientRow): ProtectedReason | undefined {
  return rules.find(([, { applies }]) => applies(row))?.[0];
}

/**
 * The names of a sentinel's own connections: `sentinel-<8 hex digits of its run id>-cmd`, and `-pubsub`.
 *
 * @see https://github.com/redis/redis/blob/7.0.15/src/sentinel.c (sentinelSetClientName)
 */
export const SENTINEL_LINK = /^sentinel-([\da-f]{8})-(cmd|pubsub)$/;
