import {
  type ConnectionEnds,
  type ListedIdentity,
  readListedIdentity,
  type ServerSideIdentity,
} from './server-side-identity.js';

/** A connection that was lost before its server had sent its id. Only this process's own view of it is known. */
export interface UnidentifiedOrphan {
  readonly name: string;
  readonly ends: ConnectionEnds;
  /** Time since the loss, in milliseconds. */
  readonly lostMs: number;
}

/**
 * Whether two connections belong to the same run of a server. Client ids start again at 1 with each run, so an id proves
 * nothing beyond its run. Unknown runs, where INFO is refused, are never the same.
 */
export function isOfSameRun(one: ServerSideIdentity, other: ServerSideIdentity): boolean {
  return one.runId !== undefined && one.runId === other.runId;
}

/** A connection that its server had identified before it was lost. */
export interface IdentifiedOrphan extends ServerSideIdentity {
  /**
   * Time for which its row must have been silent, in milliseconds: since the loss. Set if the server saw another port than
   * this process: a proxy, unlike NAT, may have given its connection to another client meanwhile.
   */
  readonly minSilenceMs?: number | undefined;
}

/** Whether the row of an orphan's id shows the same client. `undefined` if the server lists no client with this id. */
export function isProvenByRow(rows: readonly string[], orphan: IdentifiedOrphan): boolean | undefined {
  const line = rows.find((candidate) => candidate.startsWith(`id=${orphan.clientId} `));
  if (line === undefined) return undefined;
  const row = readListedIdentity(line);
  return row !== undefined && isSameClient(orphan, row) && !wasUsedSince(orphan, row);
}

/** Whether a row shows the client that an orphan was. A name or an address that the server never sent is not compared. */
function isSameClient({ name, address }: ServerSideIdentity, row: ListedIdentity): boolean {
  return (name ?? row.name) === row.name && (address ?? row.address) === row.address;
}

/** Ages and idle times in CLIENT LIST are whole seconds. */
const AGE_ERROR_S = 1;

function wasUsedSince({ minSilenceMs = 0 }: IdentifiedOrphan, { idleS }: ListedIdentity): boolean {
  return idleS + AGE_ERROR_S < minSilenceMs / 1_000;
}

/**
 * Whether the server sees both ends of a connection as this process does. Otherwise (NAT) an address in CLIENT LIST may
 * belong to another process, and proves nothing.
 */
export function hasOwnAddresses({ address, serverEnd }: ServerSideIdentity, ends: ConnectionEnds): boolean {
  return address === ends.local && serverEnd === ends.remote;
}

/**
 * Whether a row is older than the loss. Another process can get the same port only after this one has lost it, so its
 * connection is younger. No proof by itself: the clock of the server may have been set forward.
 */
export function isOlderThanLoss({ name, ageS }: ListedIdentity, orphan: UnidentifiedOrphan): boolean {
  return (name === '' || name === orphan.name) && ageS > orphan.lostMs / 1_000 + AGE_ERROR_S;
}
