import type { Attribution } from '../../../../../src/doctor/attribution/attribution.js';
import { rowKey } from '../../../../../src/doctor/group/group-keys.js';
import { type GroupedClients, groupClients } from '../../../../../src/doctor/group/grouped-clients.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRow } from '../rows.js';
import { listOf } from './sources.js';

/** What stands in a survey besides its rows. */
interface Given {
  readonly maxclients?: number;
  readonly row?: (index: number) => Partial<ClientRow>;
  readonly attributions?: ReadonlyMap<string, Attribution>;
}

/** A survey by name, of so many rows of each. */
export function surveyOf(
  counts: Readonly<Record<string, number>>,
  { maxclients, row = () => ({}), attributions = new Map() }: Given = {},
): Promise<GroupedClients> {
  const rows = Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, index) => clientRow({ ...row(index), name })),
  );
  const source = listOf('172.18.0.2:6379', rows, maxclients === undefined ? {} : { maxclients });
  const finish = (groups: GroupedClients['groups']) => Promise.resolve({ groups, attributions });
  const keying = {
    by: attributions.size > 0 ? ('owner' as const) : ('name' as const),
    keyOf: rowKey('name'),
    finish,
  };
  return groupClients([source], keying, { onProgress: () => undefined });
}
