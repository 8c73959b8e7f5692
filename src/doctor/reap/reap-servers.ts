import { HygieneError } from '../../core/errors.js';
import { type ClientRow, keepRow } from '../client-list/client-row.js';
import type { ServerConnection } from '../server/server-connection.js';
import type { Source } from '../sources/source.js';
import type { IsCandidate, ListedConnection } from './reap-plan.js';
import type { ReapPort } from './run-reap.js';

/** A server that is to be looked at, once, whatever it is called. */
export interface ReapServer {
  readonly server: ServerConnection;
  /** Whether it is a connection of this process. */
  readonly isSelf: (row: ClientRow) => boolean;
}

interface Known {
  readonly server: ServerConnection;
  readonly selves: Self[];
}

/** Two addresses may be one server: `localhost` and 127.0.0.1. Its `run_id` tells. */
export async function findReapServers(sources: readonly Source[]): Promise<ReapServer[]> {
  const known = new Map<string, Known>();
  for (const { server, info, target } of sources) {
    if (!server) continue;
    const runId = info.get('run_id') ?? target;
    const { selves } = known.get(runId) ?? { selves: [] as Self[] };
    selves.push(await findSelf(server));
    if (!known.has(runId)) known.set(runId, { server, selves });
  }
  return [...known.values()].map(({ server, selves }) => ({ server, isSelf: isAmong(selves) }));
}

/** How a server knows a connection that asks it. */
export interface Self {
  /** Unknown before Redis 5. */
  readonly id: number | undefined;
  /** Counts where the id is unknown. `''` where neither is told; there `SKIPME` sees to it that nobody is hit. */
  readonly name: string;
}

/** Asks a server how it knows the connection over which it is asked. */
export async function findSelf(server: Pick<ServerConnection, 'call'>): Promise<Self> {
  // Not to be allowed to ask is no reason not to go on.
  const ask = (what: string) => server.call('CLIENT', what).catch(() => undefined);
  const id = await ask('ID');
  if (typeof id === 'number') return { id, name: '' };
  const name = await ask('GETNAME');
  return { id: undefined, name: typeof name === 'string' ? name : '' };
}

/** Whether a connection is one of those that ask. */
export function isAmong(selves: readonly Self[]): (row: ClientRow) => boolean {
  return (row) =>
    selves.some(({ id, name }) => (id === undefined ? name !== '' && row.name === name : row.id === id));
}

type Asked = Pick<ServerConnection, 'target' | 'call' | 'clients'>;

/** Whether the server does not know a command of this form. One that is busy or loads says something else. */
function isUnknown(error: unknown): error is HygieneError {
  return (
    error instanceof HygieneError && error.code === 'HYG_TARGET_REPLY' && / with: ERR /.test(error.message)
  );
}

/** Reaps over the connection that a server is asked over. */
export function createReapPort(server: Asked, isNamed: IsCandidate): ReapPort {
  /** `CLIENT LIST ID` came with Redis 6.2. */
  let takesIds = true;

  async function read(ids?: readonly number[]): Promise<ListedConnection[]> {
    const seen: ListedConnection[] = [];
    await server.clients((row) => {
      const kept = keepRow(row, server.target);
      seen.push({ row: kept, named: isNamed(row, kept) });
    }, ids);
    return seen;
  }

  return {
    async list(ids) {
      if (ids === undefined || !takesIds) return read();
      try {
        return await read(ids);
      } catch (error) {
        if (!isUnknown(error)) throw error;
        takesIds = false;
        return read();
      }
    },
    async kill(command) {
      const [name = '', ...args] = command;
      try {
        return Number(await server.call(name, ...args));
      } catch (error) {
        if (!isUnknown(error)) throw error;
        throw new HygieneError(
          'HYG_KILL_UNSUPPORTED',
          `${server.target} does not take ${command.join(' ')}.`,
          { cause: error },
        );
      }
    },
  };
}
