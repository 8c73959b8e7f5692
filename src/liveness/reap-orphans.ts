import { isReplyError } from '../core/errors.js';
import {
  type IdentifiedOrphan,
  isOlderThanLoss,
  isProvenByRow,
  type UnidentifiedOrphan,
} from './orphan-proof.js';
import type { LivingIdentities } from './living-identities.js';
import type { FindLivingSockets } from './living-sockets.js';
import { type AskServer, readListedIdentity, type ServerSideIdentity } from './server-side-identity.js';

/** Outcomes of an orphan. */
export const orphanOutcomes = {
  reaped: 'The server’s half was found, verified and closed (CLIENT KILL ID).',
  gone: 'The server no longer has this connection.',
  refused:
    'The connection was not closed: the server does not allow it, or its row cannot be proven to be ours.',
  unreached:
    'For ten minutes, connections to the same address have reached other runs of a server only. It was restarted, or other servers stand behind this address (a load balancer, DNS, Sentinel); then the orphan is left to its server’s own tcp-keepalive.',
  forgotten: 'There are more orphans than are kept, so the oldest is left to the server’s own tcp-keepalive.',
} as const;

export type OrphanOutcome = keyof typeof orphanOutcomes;

/** Outcome of an orphan, and the reason for it. */
export interface ReapResult {
  readonly outcome: OrphanOutcome;
  readonly why: string;
}

const REAPED: ReapResult = { outcome: 'reaped', why: 'CLIENT KILL ID closed it.' };
const GONE: ReapResult = { outcome: 'gone', why: 'The server no longer knows its id.' };
const NOT_OURS: ReapResult = {
  outcome: 'refused',
  why: 'The row of its id in CLIENT LIST cannot be read, shows another name or address, or was used since behind NAT or a proxy: it may be the connection of another client.',
};
const NOT_PROVEN: ReapResult = {
  outcome: 'refused',
  why: 'The connection was lost before the server had sent its id, and the row of its address cannot be proven to be ours.',
};

const IN_USE: ReapResult = {
  outcome: 'refused',
  why: 'A proxy shares its connections to this server among clients: an open connection of this process has, or had, the id of another one. So the id may belong to another client now.',
};
const STILL_OPEN: ReapResult = {
  outcome: 'refused',
  why: 'The connection was lost before the server had sent its id, and another process of this host uses its address now.',
};
const UNREADABLE: ReapResult = {
  outcome: 'refused',
  why: 'The connection was lost before the server had sent its id, and the sockets of this host (/proc/net/tcp) cannot be read, so its address may be in use again.',
};

/** Whether the server denies the connection's user the right to list or to kill clients. */
export function isPermissionDenied(error: unknown): boolean {
  return isReplyError(error) && error.message.startsWith('NOPERM');
}

/** Result for orphans that the user of this connection may not close, with the command that grants the rights. */
export function permissionDenied({ user = '<user>' }: ServerSideIdentity): ReapResult {
  return { outcome: 'refused', why: `Grant it: ACL SETUSER ${user} +client|list +client|kill +info` };
}

/**
 * Closes the server's half of connections of the server's present run. Each is looked up by its id, verified by name
 * and address, and killed by its id, unless another client may use that id now. Resolves with one result per orphan, in
 * their order.
 *
 * @throws Error the server's refusal (NOPERM), or the error of a broken connection
 */
export async function reapIdentified(
  ask: AskServer,
  orphans: readonly IdentifiedOrphan[],
  living: Pick<LivingIdentities, 'mayBeInUse'>,
): Promise<ReapResult[]> {
  if (orphans.every((orphan) => living.mayBeInUse(orphan))) return orphans.map(() => IN_USE);
  const rows = await listRows(ask, orphans);
  return Promise.all(
    orphans.map(async (orphan) => (living.mayBeInUse(orphan) ? IN_USE : reapOne(ask, orphan, rows))),
  );
}

/** The rows of these ids. `undefined` before Redis 6.2 (ERR): only the id and the run of the server are verified there. */
async function listRows(
  ask: AskServer,
  orphans: readonly ServerSideIdentity[],
): Promise<readonly string[] | undefined> {
  try {
    const ids = orphans.map(({ clientId }) => String(clientId));
    return String(await ask('client', 'list', 'ID', ...ids)).split('\n');
  } catch (error) {
    if (isReplyError(error) && error.message.startsWith('ERR')) return undefined;
    throw error;
  }
}

async function reapOne(
  ask: AskServer,
  orphan: IdentifiedOrphan,
  rows: readonly string[] | undefined,
): Promise<ReapResult> {
  const isOurs = rows ? isProvenByRow(rows, orphan) : true;
  if (isOurs === undefined) return GONE;
  return isOurs ? killClient(ask, orphan) : NOT_OURS;
}

async function killClient(
  ask: AskServer,
  { clientId }: Pick<ServerSideIdentity, 'clientId'>,
): Promise<ReapResult> {
  return Number(await ask('client', 'kill', 'ID', String(clientId))) > 0 ? REAPED : GONE;
}

/** What the reaper of connections without a known id knows and asks besides the server. */
interface UnidentifiedPorts {
  /** Run of the server. */
  readonly runId: string | undefined;
  readonly living: Pick<LivingIdentities, 'mayBeInUse'>;
  readonly findLivingSockets: FindLivingSockets;
}

/**
 * Closes the server's half of connections whose id is unknown. Each is found in the whole CLIENT LIST by both of its
 * ends, which no two connections of a host share. Only valid if the server sees both ends as this process does. The
 * kernel is asked after the list was read: if no socket of this host has these ends then, the listed connection has lost
 * its client. Resolves with one result per orphan, in their order.
 *
 * @throws Error the server's refusal (NOPERM), or the error of a broken connection
 */
export async function reapUnidentified(
  ask: AskServer,
  orphans: readonly UnidentifiedOrphan[],
  { runId, living, findLivingSockets }: UnidentifiedPorts,
): Promise<ReapResult[]> {
  const list = String(await ask('client', 'list'));
  const rows = list.split('\n').map(readListedIdentity);
  const found = orphans.map(({ ends }) =>
    rows.find((row) => row?.address === ends.local && row.serverEnd === ends.remote),
  );
  const isAnyFound = found.some((row) => row !== undefined);
  const isLiving = isAnyFound ? await findLivingSockets(orphans.map(({ ends }) => ends)) : [];
  return Promise.all(
    orphans.map(async (orphan, index) => {
      const row = found[index];
      if (!row) return GONE;
      if (!isOlderThanLoss(row, orphan)) return NOT_PROVEN;
      if (living.mayBeInUse({ runId, clientId: row.clientId })) return IN_USE;
      if (!isLiving) return UNREADABLE;
      return isLiving[index] ? STILL_OPEN : killClient(ask, row);
    }),
  );
}
