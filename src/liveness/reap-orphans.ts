import { isReplyError } from '../core/errors.js';
import {
  type Ask,
  type ListedIdentity,
  type ConnectionEnds,
  type ServerSideIdentity,
  readListedIdentity,
} from './server-side-identity.js';

/** What became of an orphan. */
export const orphanOutcomes = {
  reaped: 'The server’s half was found, verified and closed (CLIENT KILL ID).',
  gone: 'The server has no such connection any more, or has been restarted since.',
  refused: 'It was not closed: the server does not allow it, or its row is not provably ours.',
  forgotten: 'More orphans than are kept, so the oldest is left to the server’s own tcp-keepalive.',
} as const;

export type OrphanOutcome = keyof typeof orphanOutcomes;

/** Whether the server says that this user may not look for orphans, or not close them. */
export function isNotAllowed(error: unknown): boolean {
  return isReplyError(error) && error.message.startsWith('NOPERM');
}

/** What became of an orphan, and why. */
export interface ReapResult {
  readonly outcome: OrphanOutcome;
  readonly why: string;
}

const REAPED: ReapResult = { outcome: 'reaped', why: 'CLIENT KILL ID closed it.' };
const GONE: ReapResult = { outcome: 'gone', why: 'The server does not know its id any more.' };
const NOT_OURS: ReapResult = {
  outcome: 'refused',
  why: 'The row of its id in CLIENT LIST cannot be read, or shows another name or address.',
};

export function notAllowed({ user = '<user>' }: ServerSideIdentity): ReapResult {
  return { outcome: 'refused', why: `Grant it: ACL SETUSER ${user} +client|list +client|kill +info` };
}

async function kill(ask: Ask, { clientId }: Pick<ServerSideIdentity, 'clientId'>): Promise<ReapResult> {
  return Number(await ask('client', 'kill', 'ID', String(clientId))) > 0 ? REAPED : GONE;
}

/** `CLIENT LIST ID`, or `undefined` before Redis 6.2 (ERR): there the id and the run of the server have to do. */
async function list(
  ask: Ask,
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

/** A name or address that the server never told is not compared. */
function isSame({ name, address }: ServerSideIdentity, row: ListedIdentity): boolean {
  return (name ?? row.name) === row.name && (address ?? row.address) === row.address;
}

function isProvenBy(rows: readonly string[], orphan: ServerSideIdentity): boolean | undefined {
  const line = rows.find((candidate) => candidate.startsWith(`id=${orphan.clientId} `));
  if (line === undefined) return undefined;
  const row = readListedIdentity(line);
  return row !== undefined && isSame(orphan, row);
}

async function reapOne(
  ask: Ask,
  orphan: ServerSideIdentity,
  rows: readonly string[] | undefined,
): Promise<ReapResult> {
  const isOurs = rows ? isProvenBy(rows, orphan) : true;
  if (isOurs === undefined) return GONE;
  return isOurs ? kill(ask, orphan) : NOT_OURS;
}

/**
 * Closes the server's half of connections that came from its present run: each is looked up by its id, verified
 * by name and address, and killed by its id. Gives their fates in their order.
 *
 * @throws Error the server's refusal (NOPERM), or that of a broken connection
 */
export async function reapIdentified(
  ask: Ask,
  orphans: readonly ServerSideIdentity[],
): Promise<ReapResult[]> {
  const rows = await list(ask, orphans);
  return Promise.all(orphans.map((orphan) => reapOne(ask, orphan, rows)));
}

/** A connection that was lost before its server had told its id: what this process knows of it alone. */
export interface UnidentifiedOrphan {
  readonly name: string;
  readonly ends: ConnectionEnds;
  /** How long it has been lost, in milliseconds. */
  readonly lostMs: number;
}

const STRANGER: ReapResult = {
  outcome: 'refused',
  why: 'It was lost before the server had told its id, and the row of its address is not provably ours.',
};

/** The server counts in whole seconds. */
const AGE_ERROR_S = 1;

/** Another process can have got the same port only after we had lost it, so its connection is younger than that. */
function isProvenStray({ name, ageS }: ListedIdentity, stray: UnidentifiedOrphan): boolean {
  return (name === '' || name === stray.name) && ageS > stray.lostMs / 1_000 + AGE_ERROR_S;
}

/**
 * Closes the server's half of strays, found by both of their ends in the whole of CLIENT LIST: two connections of a
 * host never have both in common. To be used only where the server sees both ends as this process does. Gives
 * their fates in their order.
 *
 * @throws Error the server's refusal (NOPERM), or that of a broken connection
 */
export async function reapUnidentified(
  ask: Ask,
  strays: readonly UnidentifiedOrphan[],
): Promise<ReapResult[]> {
  const list = String(await ask('client', 'list'));
  const rows = list.split('\n').map(readListedIdentity);
  return Promise.all(
    strays.map(async (stray) => {
      const { local, remote } = stray.ends;
      const row = rows.find((one) => one?.address === local && one.serverEnd === remote);
      if (!row) return GONE;
      return isProvenStray(row, stray) ? kill(ask, row) : STRANGER;
    }),
  );
}
