import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { createAttributor } from '../../../../src/doctor/attribution/attribute.js';
import { rowResolvers } from '../../../../src/doctor/attribution/row-resolvers.js';
import { parseFilter } from '../../../../src/doctor/group/row-filter.js';
import {
  createRowGrouping,
  type GroupOptions,
  groupClients,
} from '../../../../src/doctor/group/grouped-clients.js';
import type { RowSource } from '../../../../src/doctor/sources/source.js';
import { clientRow, clientRows } from '../../../support/unit/doctor/rows.js';
import { listSource } from '../../../support/unit/doctor/group/sources.js';

const noAttribution = () => Promise.reject(new Error('Unexpected attribution of peers'));
const take = (sources: readonly RowSource[], options: Partial<GroupOptions> = {}) =>
  groupClients(sources, createRowGrouping('name', noAttribution), {
    onProgress: () => undefined,
    ...options,
  });

test('groups the rows of all sources, and reports the counts of each source', async () => {
  const one = listSource(
    'one:6379',
    clientRows(3, () => ({ name: 'a' })),
    { kind: 'server', maxclients: 100 },
  );
  const two = listSource(
    'two',
    clientRows(2, () => ({ name: 'b' })),
  );
  const grouped = await take([one, two]);
  expect(grouped).toMatchObject({ by: 'name', clients: 5 });
  expect(grouped.targets).toEqual([
    { target: 'one:6379', kind: 'server', maxclients: 100, rows: 3, skippedLines: 0, truncated: false },
    { target: 'two', kind: 'list', maxclients: undefined, rows: 2, skippedLines: 0, truncated: false },
  ]);
  expect(Object.keys(Object.fromEntries(grouped.groups.entries()))).toEqual(['a', 'b']);
});

describe('a filter', () => {
  test('leaves rows out of the groups, but not out of the count of the source', async () => {
    const rows = [1, 50, 100].map((idle) => clientRow({ idle, name: 'a' }));
    const grouped = await take([listSource('a', rows)], { filter: parseFilter('idle>=50').matchesRow });
    expect(grouped.clients).toBe(2);
    expect(grouped.targets[0]?.rows).toBe(3);
  });

  test.each(['owner', 'ip'] as const)('on the owner leaves other rows out, grouped by %s', async (by) => {
    const names = ['orders@web-1', 'orders@web-2#pool', 'mails@web-1', ''];
    const rows = names.map((name, index) => clientRow({ id: index + 1, ip: `10.0.0.${index % 2}`, name }));
    const attributor = createAttributor(rowResolvers);
    const { matchesAttribution } = parseFilter('service=orders role!=pool');
    const grouping = createRowGrouping(by, (peers) => attributor.attribute(peers), matchesAttribution);
    const grouped = await groupClients([listSource('a', rows)], grouping, { onProgress: () => undefined });
    expect(grouped.clients).toBe(1);
    expect(Object.keys(Object.fromEntries(grouped.groups.entries()))).toEqual([
      by === 'owner' ? 'orders@web-1' : '10.0.0.0',
    ]);
  });

  test('that matches no row gives no groups', async () => {
    const grouped = await take(
      [
        listSource(
          'a',
          clientRows(3, () => ({})),
        ),
      ],
      { filter: parseFilter('id>9').matchesRow },
    );
    expect([grouped.clients, grouped.groups.size]).toEqual([0, 0]);
  });
});

test('reports progress every 65 536 rows, including those that a filter leaves out', async () => {
  const progress: number[] = [];
  const rows = new Array<ClientRow>(70_000).fill(clientRow());
  const sources = [listSource('a', rows), listSource('b', rows)];
  await take(sources, { filter: parseFilter('id<0').matchesRow, onProgress: (rows) => progress.push(rows) });
  expect(progress).toEqual([65_536, 131_072]);
});

test('rejects if a source rejects', async () => {
  const broken = { ...listSource('a', []), read: () => Promise.reject(new Error('gone')) };
  await expect(take([listSource('b', []), broken])).rejects.toThrow('gone');
});
