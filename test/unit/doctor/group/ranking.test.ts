import { describe, expect, test } from 'vitest';
import { formatTopValues, rankGroups } from '../../../../src/doctor/group/ranking.js';
import { groupedClients } from '../../../support/unit/doctor/group/groups.js';

const keys = ({ groups }: ReturnType<typeof rankGroups>) => groups.map(({ key }) => key);

describe('ranked groups', () => {
  test('are sorted by size, then alphabetically', async () => {
    const grouped = await groupedClients({ b: 2, zebra: 5, a: 2, '': 1, c: 2 });
    expect(keys(rankGroups(grouped, 10))).toEqual(['zebra', 'a', 'b', 'c', '']);
  });

  test('have a share of all rows', async () => {
    const { groups } = rankGroups(await groupedClients({ a: 3, b: 1 }), 10);
    expect(groups.map(({ share, count }) => [share, count])).toEqual([
      [0.75, 3],
      [0.25, 1],
    ]);
    expect(groups[0]).not.toHaveProperty('shareOfMaxclients');
    expect(groups[0]).not.toHaveProperty('growth');
  });

  test('have a share of maxclients if it is known', async () => {
    const [group] = rankGroups(await groupedClients({ a: 3, b: 1 }, { maxclients: 100 }), 10).groups;
    expect(group).toMatchObject({ key: 'a', share: 0.75, shareOfMaxclients: 0.03 });
    const [unknown] = rankGroups(await groupedClients({ a: 3 }, { maxclients: 0 }), 10).groups;
    expect(unknown).not.toHaveProperty('shareOfMaxclients');
  });

  test('have no share of maxclients if a sentinel is among data nodes, whose limits are not one', async () => {
    const grouped = await groupedClients({ a: 3, b: 1 }, { maxclients: 100 });
    const targets = grouped.targets.flatMap((target) => [target, { ...target, kind: 'sentinel' as const }]);
    expect(rankGroups({ ...grouped, targets }, 10).groups[0]).not.toHaveProperty('shareOfMaxclients');
    const nodes = [...grouped.targets, ...grouped.targets];
    expect(rankGroups({ ...grouped, targets: nodes }, 10).groups[0]?.shareOfMaxclients).toBe(0.015);
  });

  test('below the top are counted as omitted', async () => {
    const grouped = await groupedClients({ a: 5, b: 4, c: 3, d: 2 });
    const ranking = rankGroups(grouped, 2);
    expect(keys(ranking)).toEqual(['a', 'b']);
    expect(ranking.omitted).toEqual({ groups: 2, clients: 5 });
    expect(ranking.groups[0]?.share).toBeCloseTo(5 / 14);
    expect(rankGroups(grouped, 4).omitted).toEqual({ groups: 0, clients: 0 });
  });

  test('are empty without rows', async () => {
    expect(rankGroups(await groupedClients({}), 3)).toEqual({
      groups: [],
      omitted: { groups: 0, clients: 0 },
    });
  });
});

test('with an earlier reading, the group that grew most is first', async () => {
  const earlier = await groupedClients({ large: 9, leak: 1, shrinks: 4, gone: 3 });
  const later = await groupedClients({ large: 9, leak: 5, shrinks: 2, new: 1, same: 0 });
  const { groups } = rankGroups(later, 10, earlier);
  expect(groups.map(({ key, growth }) => [key, growth])).toEqual([
    ['leak', 4],
    ['new', 1],
    ['large', 0],
    ['shrinks', -2],
  ]);
});

describe('formatTopValues', () => {
  test.each<[[string, number][], string]>([
    [[['ping', 4]], 'ping'],
    [
      [
        ['ping', 3],
        ['get', 1],
      ],
      'ping 75 %, get 25 %',
    ],
    [
      [
        ['get', 2],
        ['', 1],
        ['set', 1],
      ],
      'get 50 %, none 25 %',
    ],
    [[['', 2]], 'none'],
    [[], ''],
  ])('%j: %s', (counts, text) => {
    const values = counts.map(([value, count]) => ({ value, count }));
    const total = values.reduce((sum, { count }) => sum + count, 0);
    expect(formatTopValues(values, total)).toBe(text);
  });

  test('leaves out the share only if all values are equal', () => {
    const values = [
      { value: 'ping', count: 999 },
      { value: 'get', count: 1 },
    ];
    expect(formatTopValues(values, 1000)).toBe('ping 100 %, get 0 %');
  });
});
