import { HygieneError } from '../../core/errors.js';
import { type ClientRow, keepRow } from '../client-list/client-row.js';
import type { ServerConnection } from '../server/server-connection.js';
import type { RowSource } from '../sources/source.js';
import type { IsCandidate, ListedConnection } from './reap-plan.js';
import type { ReapPort } from './run-reap.js';

/** A server to close connections on. Each server occurs once, even if two addresses lead to it. */
export interface ReapServer {
  readonly server: ServerConnection;
  /** Whether a row is a connection of this process. */
  readonly isSelf: (row: ClientRow) => boolean;
}

/** A server, and how it identifies the connections of this process: one for each address that led to it. */
interface ServerRun {
  readonly server: ServerConnection;
  readonly ownIdentities: OwnIdentity[];
}

/** Merges sources that are the same server (`localhost` and 127.0.0.1, for example), which their `run_id` shows. */
export async function findReapServers(sources: readonly RowSource[]): Promise<ReapServer[]> {
  const byRunId = new Map<string, ServerRun>();
  for (const { server, info, target } of sources) {
    if (!server) continue;
    const runId = info.get('run_id') ?? target;
    const { ownIdentities } = byRunId.get(runId) ?? { ownIdentities: [] as OwnIdentity[] };
    ownIdentities.push(await findOwnIdentity(server));
    if (!byRunId.has(runId)) byRunId.set(runId, { server, ownIdentities });
  }
  return [...byRunId.values()].map(({ server, ownIdentities }) => ({
    server,
    isSelf: matchesAny(ownIdentities),
  }));
}

/** How a server identifies a connection of this process. */
export interface OwnIdentity {
  /** Not known before Redis 5. */
  readonly id: number | undefined;
  /** Used if the id is not known. `''` if both are unknown; then only SKIPME protects the connection. */
  readonly name: string;
}

/** Asks a server for the id of this connection, or else for its name. */
export async function findOwnIdentity(server: Pick<ServerConnection, 'call'>): Promise<OwnIdentity> {
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
    identities.some(({ id, name }) => (id === undefined ? name !== '' && row.name === name : row.id === id));
}

/** The part of a server connection that a reap uses. */
type ReapConnection = Pick<ServerConnection, 'target' | 'call' | 'listClients'>;

/** Creates the port of a reap over the connection to a server. */
export function createReapPort(server: ReapConnection, isCandidate: IsCandidate): ReapPort {
  /** `CLIENT LIST ID` exists since Redis 6.2. */
  let supportsIds = true;

  async function list(ids?: readonly number[]): Promise<ListedConnection[]> {
    const connections: ListedConnection[] = [];
    await server.listClients((row) => {
      const kept = keepRow(row, server.target);
      connections.push({ row: kept, isCandidate: isCandidate(row, kept) });
    }, ids);
    return connections;
  }

  return {
    async list(ids) {
      if (ids === undefined || !supportsIds) return list();
      try {
        return await list(ids);
      } catch (error) {
        if (!isUnknownCommand(error)) throw error;
        supportsIds = false;
        return list();
      }
    },
    async kill(command) {
      const [name = '', ...args] = command;
      try {
        return Number(await server.call(name, ...args));
      } catch (error) {
        if (!isUnknownCommand(error)) throw error;
        throw new HygieneError(
          'HYG_KILL_UNSUPPORTED',
          `${server.target} does not support ${command.join(' ')}.`,
          { cause: error },
        );
      }
    },
  };
}

/** Whether the server does not know this form of a command. The code of a server that is busy or loading is not ERR. */
function isUnknownCommand(error: unknown): error is HygieneError {
  return (
    error instanceof HygieneError && error.code === 'HYG_TARGET_REPLY' && / with: ERR /.test(error.message)
  );
}
