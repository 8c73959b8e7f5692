import type { ClientRow } from '../client-list/row.js';
import type { Server } from '../server/server.js';
import type { Source } from '../sources/source.js';
import { findSelf, isAmong, type Self } from './self.js';

/** A server that is to be looked at, once, whatever it is called. */
export interface Patient {
  readonly server: Server;
  /** Whether it is a connection of this process. */
  readonly isSelf: (row: ClientRow) => boolean;
}

interface Known {
  readonly server: Server;
  readonly selves: Self[];
}

/** Two addresses may be one server: `localhost` and 127.0.0.1. Its `run_id` tells. */
export async function findPatients(sources: readonly Source[]): Promise<Patient[]> {
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
