import { processWide } from '../core/process-wide.js';
import type { ServerSideIdentity } from './server-side-identity.js';

/** A client of one run of a server. */
type ServerSideId = Pick<ServerSideIdentity, 'runId' | 'clientId'>;

/**
 * The identities of the open connections of a process. A server gives each of its connections an id of its own. So when
 * two open connections have the same id, or an open connection has the id of a lost one, a proxy shares its connections
 * to the server among its clients, and an id says nothing about whose connection it is.
 */
export interface LivingIdentities {
  /** Adds the identity of a connection that has come up. */
  add(id: ServerSideId): void;
  /** Removes the identity of a connection that has closed. */
  remove(id: ServerSideId): void;
  /** Whether another client than the lost one may use this id: then its connection must not be closed. */
  mayBeInUse(id: ServerSideId): boolean;
}

/** A process knows far fewer runs of servers than this. */
const MAX_SHARED_RUNS = 1_000;

export function createLivingIdentities(): LivingIdentities {
  /** How many open connections have each id, by run. */
  const runs = new Map<string, Map<number, number>>();
  /** Runs of servers behind a proxy that shares connections. */
  const sharedRuns = new Set<string>();

  function markShared(runId: string): void {
    const [oldest] = sharedRuns;
    if (oldest !== undefined && sharedRuns.size >= MAX_SHARED_RUNS) sharedRuns.delete(oldest);
    sharedRuns.add(runId);
  }

  return {
    add({ runId, clientId }) {
      if (runId === undefined) return;
      const counts = runs.get(runId) ?? new Map<number, number>();
      runs.set(runId, counts);
      const count = (counts.get(clientId) ?? 0) + 1;
      counts.set(clientId, count);
      if (count > 1) markShared(runId);
    },
    remove({ runId = '', clientId }) {
      const counts = runs.get(runId);
      const count = counts?.get(clientId);
      if (!counts || count === undefined) return;
      if (count > 1) counts.set(clientId, count - 1);
      else counts.delete(clientId);
      if (counts.size === 0) runs.delete(runId);
    },
    mayBeInUse({ runId, clientId }) {
      if (runId === undefined) return false;
      if (runs.get(runId)?.has(clientId)) markShared(runId);
      return sharedRuns.has(runId);
    },
  };
}

/** The identities of this process, shared by all factories. */
export const processLivingIdentities = processWide('living identities', createLivingIdentities);
