import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../src/doctor/attribution/attribution.js';
import { rank } from '../../../../src/doctor/group/ranking.js';
import { clientsCsv, renderClients } from '../../../../src/doctor/render/clients-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { surveyOf } from '../../../support/unit/doctor/group/groups.js';

const attributions = new Map<string, Attribution>([
  ['shop-orders-1', { owner: 'shop-orders-1', source: 'container', confidence: 'certain', note: 'orders:3' }],
  ['mails', { owner: 'mails', source: 'dns', confidence: 'likely' }],
  [
    '172.18.0.1',
    {
      owner: '172.18.0.1',
      source: 'address',
      confidence: 'ambiguous',
      note: 'it is the gateway of a bridge',
    },
  ],
]);

const row = (index: number) => ({
  age: 7_860 + index,
  idle: 90,
  totMem: 2_048,
  cmd: index % 4 ? 'ping' : 'get',
});
const leak = () =>
  surveyOf({ 'shop-orders-1': 12, mails: 3, '172.18.0.1': 1 }, { maxclients: 100, row, attributions });

/** What is printed on a terminal so wide. */
async function printed(width: number, survey = leak(), top = 10): Promise<readonly string[]> {
  const known = await survey;
  return renderClients(known, rank(known, top), { width, ink: plainStyle });
}

test('as wide as it needs to be', async () => {
  expect(await printed(Infinity)).toEqual([
    '16 clients of 100 (16.0 %) on 172.18.0.2:6379',
    '',
    'clients   share             of max  owner          known by             oldest  median idle  last commands        flags    memory',
    '     12  75.0 %  █████████  12.0 %  shop-orders-1  container             2h11m        1m30s  ping 75 %, get 25 %  N      24.0 KiB',
    '      3  18.8 %  ██▎         3.0 %  mails          dns (likely)          2h11m        1m30s  ping 67 %, get 33 %  N       6.0 KiB',
    '      1   6.3 %  ▊           1.0 %  172.18.0.1     address (ambiguous)   2h11m        1m30s  get                  N       2.0 KiB',
    '172.18.0.1: it is the gateway of a bridge',
  ]);
});

describe('on a terminal of', () => {
  test.each([
    [80, ['clients', 'share', 'owner', 'oldest', 'median idle', 'last commands']],
    [60, ['clients', 'share', 'owner', 'oldest', 'median idle']],
    [40, ['clients', 'share', 'owner']],
    [30, ['clients', 'share', 'owner']],
    [24, ['clients', 'owner']],
  ])('%d columns', async (width, titles) => {
    const [, , heading = '', ...rows] = await printed(width);
    expect(heading.split(/ {2,}/)).toEqual(titles);
    for (const line of [heading, ...rows.slice(0, 3)]) expect(line.length).toBeLessThanOrEqual(width);
    expect(rows[0]).toContain('shop-orders-1');
  });

  test('18 columns: the owner is cut', async () => {
    expect((await printed(18)).slice(2, 6)).toEqual([
      'clients  owner',
      '     12  shop-ord…',
      '      3  mails',
      '      1  172.18.0…',
    ]);
  });
});

test('what is known of nobody has no column', async () => {
  const [head, , heading = ''] = await printed(Infinity, surveyOf({ a: 1 }, { row: () => ({ totMem: 0 }) }));
  expect(head).toBe('1 client on 172.18.0.2:6379');
  expect(heading).not.toMatch(/of max|known by|growth|memory/);
});

test('those that have nothing in common', async () => {
  expect((await printed(40, surveyOf({ '': 2, a: 1 })))[3]).toMatch(/ {2}\(none\)/);
});

test('what is below the top is counted', async () => {
  const survey = surveyOf({ a: 5, b: 4, c: 3, d: 2 });
  expect((await printed(40, survey, 2)).at(-1)).toBe('and 5 clients in 2 more groups (--top)');
  expect((await printed(40, survey, 3)).at(-1)).toBe('and 2 clients in 1 more group (--top)');
});

test('a note is there only for what is shown', async () => {
  expect((await printed(80, leak(), 2)).join('\n')).not.toContain('gateway');
});

test('growth has its sign', async () => {
  const earlier = await surveyOf({ a: 1, b: 4, c: 2 });
  const survey = await surveyOf({ a: 3, b: 1, c: 2 });
  const lines = renderClients(survey, rank(survey, 9, earlier), { width: 40, ink: plainStyle });
  expect(lines.slice(2).map((line) => line.trim().split(/ +/)[1])).toEqual(['growth', '+2', '0', '-3']);
});

test('no clients at all', async () => {
  const lines = await printed(80, surveyOf({}));
  expect(lines[0]).toBe('0 clients on 172.18.0.2:6379');
  expect(lines.join('\n')).not.toContain('NaN');
});

test('for spreadsheets', async () => {
  const survey = await surveyOf({ '=a,b': 3, '': 1 }, { maxclients: 100, row });
  expect(clientsCsv(survey, rank(survey, 9))).toEqual([
    'name,clients,share,share_of_maxclients,growth,oldest_s,median_idle_s,memory_bytes',
    '"\'=a,b",3,0.75,0.03,,7862,90,6144',
    ',1,0.25,0.01,,7860,90,2048',
  ]);
});

describe('a name that anybody may have given', () => {
  const everywhere = async (name: string) => {
    const survey = await surveyOf({ [name]: 1 });
    const lines = await printed(80, surveyOf({ [name]: 1 }));
    return [lines, clientsCsv(survey, rank(survey, 9))].map((text) => text.join('\n'));
  };

  test('is shown without the password of a URL', async () => {
    for (const text of await everywhere('redis://ann:s3cret@10.0.0.1')) {
      expect(text).not.toContain('s3cret');
      expect(text).toContain('redis://[redacted]@10.0.0.1');
    }
  });

  test('moves no cursor', async () => {
    const [lines] = await everywhere('\x1b[2Jgone');
    expect(lines).toContain('?[2Jgone');
  });
});
