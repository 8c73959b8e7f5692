import { isReplyError } from '../core/errors.js';
import { isProvenByAge, isProvenByRow, type UnidentifiedOrphan } from './orphan-proof.js';
import { type AskServer, readListedIdentity, type ServerSideIdentity } from './server-side-identity.js';

/** Outcomes of an orphan. */
export const orphanOutcomes = {
  reaped: 'The server’s half was found, verified and closed (CLIENT KILL ID).',
  gone: 'The server no longer has this connection, or has been restarted since.',
  refused:
    'The connection was not closed: the server does not allow it, or its row cannot be proven to be ours.',
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
  why: 'The row of its id in CLIENT LIST cannot be read, or shows another name or address.',
};
const NOT_PROVEN: ReapResult = {
  outcome: 'refused',
  why: 'The connection was lost before the server had sent its id, and the row of its address cannot be proven to be ours.',
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
 * and address, and killed by its id. Resolves with one result per orphan, in their order.
 *
 * @throws Error the server's refusal (NOPERM), or the error of a broken connection
 */
export async function reapIdentified(
  ask: AskServer,
  orphans: readonly ServerSideIdentity[],
): Promise<ReapResult[]> {
  const rows = await listRows(ask, orphans);
  return Promise.all(orphans.map((orphan) => reapOne(ask, orphan, rows)));
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
  orphan: ServerSideIdentity,
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

/**
 * Closes the server's half of connections whose id is unknown. Each is found in the whole CLIENT LIST by both of its
 * ends, which no two connections of a host share. Only valid if the server sees both ends as this process does.
 * Resolves with one result per orphan, in their order.
 *
 * @throws Error the server's refusal (NOPERM), or the error of a broken connection
 */
export async function reapUnidentified(
  ask: AskServer,
  orphans: readonly UnidentifiedOrphan[],
): Promise<ReapResult[]> {
  const list = String(await ask('client', 'list'));
  const rows = list.split('\n').map(readListedIdentity);
  return Promise.all(
    orphans.map(async (orphan) => {
      const { local, remote } = orphan.ends;
      const row = rows.find((candidate) => candidate?.address === local && candidate.serverEnd === remote);
      if (!row) return GONE;
      return isProvenByAge(row, orphan) ? killClient(ask, row) : NOT_PROVEN;
    }),
  );
}
