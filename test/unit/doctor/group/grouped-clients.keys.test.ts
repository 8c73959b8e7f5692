import { describe, expect, test } from 'vitest';
import type { Attribution, Peer } from '../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import {
  createRowGrouping,
  type GroupedClients,
  groupClients,
} from '../../../../src/doctor/group/grouped-clients.js';
import type { GroupKey } from '../../../../src/doctor/group/group-keys.js';
import type { AttributePeers } from '../../../../src/doctor/attribution/attribute.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';
import { listSource } from '../../../support/unit/doctor/group/sources.js';

/** Attributes two containers of one service by address. All other addresses are unknown. */
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

const counts = ({ groups }: GroupedClients) => Object.fromEntries(groups.entries());

/** Attributes peers, and records them. */
function fakeAttribution() {
  const attributed: Peer[][] = [];
  const askWho: AttributePeers = (peers) => {
    attributed.push([...peers]);
    return Promise.resolve({
      attributionOf: (number) => attributionOf(peers.at(number) as Peer),
      alternativesOf: () => [],
      warnings: [],
    });
  };
  return { attributed, askWho };
}

const rows = ['10.0.0.1', '10.0.0.2', '10.0.0.9', '10.0.0.1'].map((ip, id) => clientRow({ id, ip }));
const take = (by: GroupKey, askWho: AttributePeers, list: ClientRow[] = rows) =>
  groupClients([listSource('a', list)], createRowGrouping(by, askWho), { onProgress: () => undefined });

describe('grouped by owner', () => {
  test('peers of one owner are one group, and each peer is attributed once', async () => {
    const { attributed, askWho } = fakeAttribution();
    const grouped = await take('owner', askWho);
    expect(grouped.by).toBe('owner');
    expect(counts(grouped)).toEqual({ orders: 3, '10.0.0.9': 1 });
    expect(attributed.map((peers) => peers.map(({ ip }) => ip))).toEqual([
      ['10.0.0.1', '10.0.0.2', '10.0.0.9'],
    ]);
  });

  test('the attribution of a group is the first one with its label', async () => {
    const { attributionOf: attributionOfGroup } = await take('owner', fakeAttribution().askWho);
    expect(attributionOfGroup('10.0.0.9')).toMatchObject({ source: 'address' });
    expect(attributionOfGroup('orders')).toMatchObject({ source: 'container', host: 'web-1' });
  });
});

describe('grouped by another key of the attribution', () => {
  test.each([
    ['service', { shop: 3, '': 1 }],
    ['host', { 'web-1': 2, 'web-2': 1, '': 1 }],
    ['role', { '': 4 }],
  ] as const)('%s', async (by, expected) => {
    const grouped = await take(by, fakeAttribution().askWho);
    expect(counts(grouped)).toEqual(expected);
    expect(Object.keys(expected).map(grouped.attributionOf)).not.toContainEqual(expect.anything());
  });
});

test('grouping by a field of the row attributes no peers', async () => {
  const { attributed, askWho } = fakeAttribution();
  const grouped = await take('ip', askWho);
  expect(counts(grouped)).toEqual({ '10.0.0.1': 2, '10.0.0.2': 1, '10.0.0.9': 1 });
  expect(grouped.attributionOf('10.0.0.1')).toBeUndefined();
  expect(attributed).toEqual([]);
});

test('without rows there are no groups', async () => {
  const grouped = await take('owner', fakeAttribution().askWho, []);
  expect([grouped.clients, grouped.groups.size]).toEqual([0, 0]);
});

test('grouped by container, a named connection is in the group of its container', async () => {
  const askWho: AttributePeers = (peers) =>
    Promise.resolve({
      attributionOf: () => ({ owner: 'orders@web-1', source: 'name', confidence: 'certain' }),
      alternativesOf(number) {
        const peer = peers.at(number) as Peer;
        return peer.ip === '10.0.0.9' ? [] : [attributionOf(peer)];
      },
      warnings: [],
    });
  expect(counts(await take('container', askWho))).toEqual({ orders: 3, '': 1 });
  expect(counts(await take('process', askWho))).toEqual({ '': 4 });
});
