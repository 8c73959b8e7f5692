import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../src/doctor/attribution/attribution.js';
import { rankGroups } from '../../../../src/doctor/group/ranking.js';
import { clientsCsv, renderClients } from '../../../../src/doctor/render/clients-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { groupedClients } from '../../../support/unit/doctor/group/groups.js';

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
  groupedClients({ 'shop-orders-1': 12, mails: 3, '172.18.0.1': 1 }, { maxclients: 100, row, attributions });

/** The report on a terminal of this width. */
async function render(width: number, clients = leak(), top = 10): Promise<readonly string[]> {
  const grouped = await clients;
  return renderClients(grouped, rankGroups(grouped, top), { width, style: plainStyle });
}

test('without a terminal all columns are shown', async () => {
  expect(await render(Infinity)).toEqual([
    '16 clients of 100 (16.0 %) on 172.18.0.2:6379',
    '',
    'clients   share             of max  owner          known by             oldest  median idle  last commands        flags    memory',
    '     12  75.0 %  █████████  12.0 %  shop-orders-1  container             2h11m        1m30s  ping 75 %, get 25 %  N      24.0 KiB',
    '      3  18.8 %  ██▎         3.0 %  mails          dns (likely)          2h11m        1m30s  ping 67 %, get 33 %  N       6.0 KiB',
    '      1   6.3 %  ▊           1.0 %  172.18.0.1     address (ambiguous)   2h11m        1m30s  get                  N       2.0 KiB',
    '172.18.0.1: it is the gateway of a bridge',
  ]);
});

describe('columns are dropped on a terminal of', () => {
  test.each([
    [80, ['clients', 'share', 'owner', 'oldest', 'median idle', 'last commands']],
    [60, ['clients', 'share', 'owner', 'oldest', 'median idle']],
    [40, ['clients', 'share', 'owner']],
    [30, ['clients', 'share', 'owner']],
    [24, ['clients', 'owner']],
  ])('%d columns', async (width, titles) => {
    const [, , heading = '', ...rows] = await render(width);
    expect(heading.split(/ {2,}/)).toEqual(titles);
    for (const line of [heading, ...rows.slice(0, 3)]) expect(line.length).toBeLessThanOrEqual(width);
    expect(rows[0]).toContain('shop-orders-1');
  });

  test('18 columns, where the owner is cut too', async () => {
    expect((await render(18)).slice(2, 6)).toEqual([
      'clients  owner',
      '     12  shop-ord…',
      '      3  mails',
      '      1  172.18.0…',
    ]);
  });
});

test('a column without any value is not shown', async () => {
  const [head, , heading = ''] = await render(
    Infinity,
    groupedClients({ a: 1 }, { row: () => ({ totMem: 0 }) }),
  );
  expect(head).toBe('1 client on 172.18.0.2:6379');
  expect(heading).not.toMatch(/of max|known by|growth|memory/);
});

test('an empty key is shown as (none)', async () => {
  expect((await render(40, groupedClients({ '': 2, a: 1 })))[3]).toMatch(/ {2}\(none\)/);
});

test('groups below the top are counted', async () => {
  const grouped = groupedClients({ a: 5, b: 4, c: 3, d: 2 });
  expect((await render(40, grouped, 2)).at(-1)).toBe('and 5 clients in 2 more groups (--top)');
  expect((await render(40, grouped, 3)).at(-1)).toBe('and 2 clients in 1 more group (--top)');
});

test('a note is shown only for a group that is shown', async () => {
  expect((await render(80, leak(), 2)).join('\n')).not.toContain('gateway');
});

test('growth is shown with a sign', async () => {
  const earlier = await groupedClients({ a: 1, b: 4, c: 2 });
  const grouped = await groupedClients({ a: 3, b: 1, c: 2 });
  const lines = renderClients(grouped, rankGroups(grouped, 9, earlier), { width: 40, style: plainStyle });
  expect(lines.slice(2).map((line) => line.trim().split(/ +/)[1])).toEqual(['growth', '+2', '0', '-3']);
});

test('a list without clients is reported as 0 clients', async () => {
  const lines = await render(80, groupedClients({}));
  expect(lines[0]).toBe('0 clients on 172.18.0.2:6379');
  expect(lines.join('\n')).not.toContain('NaN');
});

test('clientsCsv writes one line for each group', async () => {
  const grouped = await groupedClients({ '=a,b': 3, '': 1 }, { maxclients: 100, row });
  expect(clientsCsv(grouped, rankGroups(grouped, 9))).toEqual([
    'name,clients,share,share_of_maxclients,growth,oldest_s,median_idle_s,memory_bytes',
    '"\'=a,b",3,0.75,0.03,,7862,90,6144',
    ',1,0.25,0.01,,7860,90,2048',
  ]);
});

describe('a name from another party', () => {
  const reportsFor = async (name: string) => {
    const grouped = await groupedClients({ [name]: 1 });
    const lines = await render(80, groupedClients({ [name]: 1 }));
    return [lines, clientsCsv(grouped, rankGroups(grouped, 9))].map((text) => text.join('\n'));
  };

  test('is shown without the password of a URL', async () => {
    for (const text of await reportsFor('redis://ann:s3cret@10.0.0.1')) {
      expect(text).not.toContain('s3cret');
      expect(text).toContain('redis://[redacted]@10.0.0.1');
    }
  });

  test('is shown without control characters', async () => {
    const [lines] = await reportsFor('\x1b[2Jgone');
    expect(lines).toContain('?[2Jgone');
  });
});
