import { describe, expect, test } from 'vitest';
import { brief, rank } from '../../../../src/doctor/group/ranking.js';
import { surveyOf } from '../../../support/unit/doctor/group/groups.js';

const keys = ({ groups }: ReturnType<typeof rank>) => groups.map(({ key }) => key);

describe('groups', () => {
  test('come in the order of their size, those of one size in that of the alphabet', async () => {
    const survey = await surveyOf({ b: 2, zebra: 5, a: 2, '': 1, c: 2 });
    expect(keys(rank(survey, 10))).toEqual(['zebra', 'a', 'b', 'c', '']);
  });

  test('have their share of all rows', async () => {
    const { groups } = rank(await surveyOf({ a: 3, b: 1 }), 10);
    expect(groups.map(({ share, count }) => [share, count])).toEqual([
      [0.75, 3],
      [0.25, 1],
    ]);
    expect(groups[0]).not.toHaveProperty('shareOfMaxclients');
    expect(groups[0]).not.toHaveProperty('growth');
  });

  test('have their share of maxclients, where it is known', async () => {
    const [group] = rank(await surveyOf({ a: 3, b: 1 }, { maxclients: 100 }), 10).groups;
    expect(group).toMatchObject({ key: 'a', share: 0.75, shareOfMaxclients: 0.03 });
    const [unknown] = rank(await surveyOf({ a: 3 }, { maxclients: 0 }), 10).groups;
    expect(unknown).not.toHaveProperty('shareOfMaxclients');
  });

  test('below the top are counted', async () => {
    const survey = await surveyOf({ a: 5, b: 4, c: 3, d: 2 });
    const ranking = rank(survey, 2);
    expect(keys(ranking)).toEqual(['a', 'b']);
    expect(ranking.omitted).toEqual({ groups: 2, clients: 5 });
    expect(ranking.groups[0]?.share).toBeCloseTo(5 / 14);
    expect(rank(survey, 4).omitted).toEqual({ groups: 0, clients: 0 });
  });

  test('of no rows are none', async () => {
    expect(rank(await surveyOf({}), 3)).toEqual({ groups: [], omitted: { groups: 0, clients: 0 } });
  });
});

test('of two surveys, the one that grew most is first', async () => {
  const earlier = await surveyOf({ large: 9, leak: 1, shrinks: 4, gone: 3 });
  const later = await surveyOf({ large: 9, leak: 5, shrinks: 2, new: 1, same: 0 });
  const { groups } = rank(later, 10, earlier);
  expect(groups.map(({ key, growth }) => [key, growth])).toEqual([
    ['leak', 4],
    ['new', 1],
    ['large', 0],
    ['shrinks', -2],
  ]);
});

describe('values in brief', () => {
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
  ])('%j: %s', (values, words) => {
    const tally = values.map(([value, count]) => ({ value, count }));
    const total = tally.reduce((sum, { count }) => sum + count, 0);
    expect(brief(tally, total)).toBe(words);
  });

  test('only what is alone has no share', () => {
    const tally = [
      { value: 'ping', count: 999 },
      { value: 'get', count: 1 },
    ];
    expect(brief(tally, 1000)).toBe('ping 100 %, get 0 %');
  });
});
