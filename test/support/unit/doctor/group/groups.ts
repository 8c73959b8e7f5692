import type { Attribution } from '../../../../../src/doctor/attribution/attribution.js';
import { type GroupedClients, groupClients } from '../../../../../src/doctor/group/grouped-clients.js';
import type { ClientRow, RowView } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRow } from '../rows.js';
import { listSource } from './sources.js';

/** Properties of grouped clients besides their rows. */
interface GroupedOptions {
  readonly maxclients?: number;
  readonly row?: (index: number) => Partial<ClientRow>;
  readonly attributions?: ReadonlyMap<string, Attribution>;
}

/** Clients grouped by name, with the given number of rows for each name. */
export function groupedClients(
  counts: Readonly<Record<string, number>>,
  { maxclients, row = () => ({}), attributions = new Map() }: GroupedOptions = {},
): Promise<GroupedClients> {
  const rows = Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, index) => clientRow({ ...row(index), name })),
  );
  const source = listSource('172.18.0.2:6379', rows, maxclients === undefined ? {} : { maxclients });
  const by = attributions.size > 0 ? ('owner' as const) : ('name' as const);
  const names = Object.keys(counts);
  const grouping = {
    by,
    groupOf: (row: RowView) => names.indexOf(row.text('name')),
    finish: () =>
      Promise.resolve({
        keyOf: (group: number) => names[group],
        attributionOf: (group: number) => attributions.get(names[group] ?? ''),
      }),
  };
  return groupClients([source], grouping, { onProgress: () => undefined });
}
