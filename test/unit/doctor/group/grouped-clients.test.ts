import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { parseFilter } from '../../../../src/doctor/group/row-filter.js';
import {
  rowGroupingBy,
  type GroupOptions,
  groupClients,
} from '../../../../src/doctor/group/grouped-clients.js';
import type { Source } from '../../../../src/doctor/sources/source.js';
import { clientRow, clientRows } from '../../../support/unit/doctor/rows.js';
import { listOf } from '../../../support/unit/doctor/group/sources.js';

const nobody = () => Promise.reject(new Error('Nobody is to be asked.'));
const take = (sources: readonly Source[], options: Partial<GroupOptions> = {}) =>
  groupClients(sources, rowGroupingBy('name', nobody), { onProgress: () => undefined, ...options });

test('the rows of all sources are gathered, and each tells what it read', async () => {
  const one = listOf(
    'one:6379',
    clientRows(3, () => ({ name: 'a' })),
    { kind: 'server', maxclients: 100 },
  );
  const two = listOf(
    'two',
    clientRows(2, () => ({ name: 'b' })),
  );
  const survey = await take([one, two]);
  expect(survey).toMatchObject({ by: 'name', clients: 5 });
  expect(survey.targets).toEqual([
    { target: 'one:6379', kind: 'server', maxclients: 100, rows: 3, strangers: 0, truncated: false },
    { target: 'two', kind: 'list', maxclients: undefined, rows: 2, strangers: 0, truncated: false },
  ]);
  expect([...survey.groups.keys()]).toEqual(['a', 'b']);
});

describe('a filter', () => {
  test('leaves rows out of the groups, not out of what was read', async () => {
    const rows = [1, 50, 100].map((idle) => clientRow({ idle, name: 'a' }));
    const survey = await take([listOf('a', rows)], { filter: parseFilter('idle>=50') });
    expect(survey.clients).toBe(2);
    expect(survey.targets[0]?.rows).toBe(3);
  });

  test('that nothing fits gives no groups', async () => {
    const survey = await take(
      [
        listOf(
          'a',
          clientRows(3, () => ({})),
        ),
      ],
      { filter: parseFilter('id>9') },
    );
    expect([survey.clients, survey.groups.size]).toEqual([0, 0]);
  });
});

test('says how far it is every 65 536 rows, those that a filter leaves out too', async () => {
  const told: number[] = [];
  const rows = new Array<ClientRow>(70_000).fill(clientRow());
  const sources = [listOf('a', rows), listOf('b', rows)];
  await take(sources, { filter: parseFilter('id<0'), onProgress: (rows) => told.push(rows) });
  expect(told).toEqual([65_536, 131_072]);
});

test('fails where a source does', async () => {
  const broken = { ...listOf('a', []), read: () => Promise.reject(new Error('gone')) };
  await expect(take([listOf('b', []), broken])).rejects.toThrow('gone');
});
