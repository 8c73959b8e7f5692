import type { ClientRow } from '../client-list/client-row.js';
import type { RowSource } from '../sources/source.js';

/** A server to close connections on. Each server occurs once, even if two addresses lead to it. */
export interface ReapServer {
  readonly source: ServerSource;
  /** Run of the server; `undefined` if the user may not send INFO. */
  readonly runId: string | undefined;
  /** Whether a row is a connection of this process. */
  readonly isSelf: (row: ClientRow) => boolean;
}

/** A source that is a server. */
export type ServerSource = Pick<RowSource, 'target' | 'isLocal' | 'own'> & {
  readonly server: Pick<NonNullable<RowSource['server']>, 'target' | 'call' | 'listClients' | 'socket'>;
};

/** A server, and the connections of this process to it: one for each address that led to it. */
interface ServerRun {
  readonly source: ServerSource;
  readonly runId: string | undefined;
  readonly ownIdentities: OwnIdentity[];
}

/**
 * Merges sources that are the same server (`localhost` and 127.0.0.1, for example), which their `run_id` shows. Without the
 * right to INFO they may be the same, so each of them leaves the connections of the others alone.
 */
export async function findReapServers(sources: readonly RowSource[]): Promise<ReapServer[]> {
  const runs = new Map<string, ServerRun>();
  const ofUnknownRuns: OwnIdentity[] = [];
  for (const { server, info, target, isLocal, own } of sources) {
    if (!server) continue;
    const runId = info.get('run_id');
    const key = runId ?? target;
    const run = runs.get(key) ?? { source: { server, target, isLocal, own }, runId, ownIdentities: [] };
    const identity = { ...(await findOwnIdentity(server)), addr: own?.addr };
    (runId === undefined ? ofUnknownRuns : run.ownIdentities).push(identity);
    runs.set(key, run);
  }
  return [...runs.values()].map(({ source, runId, ownIdentities }) => ({
    source,
    runId,
    isSelf: matchesAny(runId === undefined ? ofUnknownRuns : ownIdentities),
  }));
}

/** How a server identifies a connection of this process. */
export interface OwnIdentity {
  /** Not known before Redis 5. */
  readonly id: number | undefined;
  /** Used if the id is not known. `''` if both are unknown; then only SKIPME protects the connection. */
  readonly name: string;
  /** Address in the list of the server. Not known before Redis 6.2. */
  readonly addr?: string | undefined;
}

/** Asks a server for the id of this connection, or else for its name. */
export async function findOwnIdentity(server: Pick<ServerSource['server'], 'call'>): Promise<OwnIdentity> {
  // A refusal is no reason to stop: SKIPME protects the connection in any case.
  const ask = (subcommand: string) => server.call('CLIENT', subcommand).catch(() => undefined);
  const id = await ask('ID');
  if (typeof id === 'number') return { id, name: '' };
  const name = await ask('GETNAME');
  return { id: undefined, name: typeof name === 'string' ? name : '' };
}

/** Returns a function that tells whether a row has one of the identities. */
export function matchesAny(identities: readonly OwnIdentity[]): (row: ClientRow) => boolean {
  return (row) =>
    identities.some(({ id, name, addr }) =>
      id === undefined ? name !== '' && row.name === name : row.id === id && row.addr === (addr ?? row.addr),
    );
}
