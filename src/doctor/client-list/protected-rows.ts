import type { ClientRow } from './client-row.js';

/** A kind of connection that is never closed. */
interface ProtectedKind {
  /** Name of the kind, for messages. */
  readonly meaning: string;
  readonly applies: (row: ClientRow) => boolean;
}

/** Commands of a replica that sets up its link. Until PSYNC the server lists a replica as a plain client, with flag `N`. */
const LINK_SETUP_COMMANDS = new Set(['replconf', 'psync', 'sync', 'cluster|syncslots']);

/**
 * The names of a sentinel's own connections: `sentinel-<8 hex digits of its run id>-cmd`, and `-pubsub`.
 *
 * @see https://github.com/redis/redis/blob/7.0.15/src/sentinel.c (sentinelSetClientName)
 */
export const SENTINEL_CONNECTION_NAME = /^sentinel-([\da-f]{8})-(cmd|pubsub)$/;

const hasFlag = (letters: RegExp) => (row: ClientRow) => letters.test(row.flags);

/** Connections that are never closed, even if a filter matches them. The first kind that applies is the reason. */
export const protectedTable = {
  unreadable: {
    meaning: 'row without id, address or flags',
    applies: ({ id, addr, flags }) => !Number.isSafeInteger(id) || addr === '' || flags === '',
  },
  replica: { meaning: 'replica', applies: hasFlag(/S/) },
  master: { meaning: 'master of this server', applies: hasFlag(/M/) },
  monitor: { meaning: 'client in MONITOR', applies: hasFlag(/O/) },
  /** Redis 8.4: `g`, `o`. Valkey 9: `i`, `E` (valkey-io/valkey#2639). */
  'slot-migration': { meaning: 'slot migration of a Cluster', applies: hasFlag(/[goiE]/) },
  'link-setup': {
    meaning: 'replica that is connecting',
    applies: ({ cmd }) => LINK_SETUP_COMMANDS.has(cmd),
  },
  sentinel: {
    meaning: 'connection of a Sentinel',
    applies: ({ name }) => SENTINEL_CONNECTION_NAME.test(name),
  },
} as const satisfies Record<string, ProtectedKind>;

export type ProtectedReason = keyof typeof protectedTable;

const kinds = Object.entries(protectedTable) as [ProtectedReason, ProtectedKind][];

/** Why a connection must not be closed; `undefined` if it may be closed. */
export function protectedReason(row: ClientRow): ProtectedReason | undefined {
  return kinds.find(([, { applies }]) => applies(row))?.[0];
}
