import type { ClientRow } from '../client-list/row.js';
import type { Server } from '../server/server.js';

/** How a server knows a connection that asks it. */
export interface Self {
  /** Unknown before Redis 5. */
  readonly id: number | undefined;
  /** Counts where the id is unknown. `''` where neither is told; there `SKIPME` sees to it that nobody is hit. */
  readonly name: string;
}

/** Asks a server how it knows the connection over which it is asked. */
export async function findSelf(server: Pick<Server, 'call'>): Promise<Self> {
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
