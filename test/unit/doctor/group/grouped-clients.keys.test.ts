import { describe, expect, test } from 'vitest';
import type { Attribution, Peer } from '../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import {
  rowGroupingBy,
  type GroupedClients,
  groupClients,
} from '../../../../src/doctor/group/grouped-clients.js';
import type { AskWho } from '../../../../src/doctor/attribution/attribute.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';
import { listOf } from '../../../support/unit/doctor/group/sources.js';

/** Two containers of one service, each known by its address; nobody else is. */
function attributionOf({ ip }: Peer): Attribution {
  const [, host] = /^10\.0\.0\.([12])$/.exec(ip) ?? [];
  if (host === undefined) return { owner: ip, source: 'address', confidence: 'likely' };
  return {
    owner: 'orders',
    source: 'container',
    confidence: 'certain',
    service: 'shop',
    host: `web-${host}`,
  };
}

const counts = ({ groups }: GroupedClients) =>
  Object.fromEntries([...groups].map(([key, { count }]) => [key, count]));

/** Answers, and keeps what was asked. */
function answering() {
  const asked: Peer[][] = [];
  const askWho: AskWho = (peers) => {
    asked.push([...peers]);
    return Promise.resolve({ attributionOf, alternativesOf: () => [], warnings: [] });
  };
  return { asked, askWho };
}

const rows = ['10.0.0.1', '10.0.0.2', '10.0.0.9', '10.0.0.1'].map((ip, id) => clientRow({ id, ip }));
const take = (by: 'owner' | 'service' | 'host' | 'role' | 'ip', askWho: AskWho, list: ClientRow[] = rows) =>
  groupClients([listOf('a', list)], rowGroupingBy(by, askWho), { onProgress: () => undefined });

describe('by owner', () => {
  test('peers of one owner are one group, and each peer is asked for once', async () => {
    const { asked, askWho } = answering();
    const survey = await take('owner', askWho);
    expect(survey.by).toBe('owner');
    expect(counts(survey)).toEqual({ orders: 3, '10.0.0.9': 1 });
    expect(asked.map((peers) => peers.map(({ ip }) => ip))).toEqual([['10.0.0.1', '10.0.0.2', '10.0.0.9']]);
  });

  test('the attribution of a group is the first one with that label', async () => {
    const { attributions } = await take('owner', answering().askWho);
    expect([...attributions.keys()]).toEqual(['orders', '10.0.0.9']);
    expect(attributions.get('orders')).toMatchObject({ source: 'container', host: 'web-1' });
  });
});

describe('by what the attribution says', () => {
  test.each([
    ['service', { shop: 3, '': 1 }],
    ['host', { 'web-1': 2, 'web-2': 1, '': 1 }],
    ['role', { '': 4 }],
  ] as const)('%s', async (by, expected) => {
    const survey = await take(by, answering().askWho);
    expect(counts(survey)).toEqual(expected);
    expect(survey.attributions.size).toBe(0);
  });
});

test('by what stands in the row nobody is asked', async () => {
  const { asked, askWho } = answering();
  const survey = await take('ip', askWho);
  expect(counts(survey)).toEqual({ '10.0.0.1': 2, '10.0.0.2': 1, '10.0.0.9': 1 });
  expect(survey.attributions.size).toBe(0);
  expect(asked).toEqual([]);
});

test('of no rows there are no groups', async () => {
  const survey = await take('owner', answering().askWho, []);
  expect([survey.clients, survey.groups.size, survey.attributions.size]).toEqual([0, 0, 0]);
});
