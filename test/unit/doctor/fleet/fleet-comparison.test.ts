import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { budgetOf } from '../../../../src/doctor/fleet/fleet-budget.js';
import { compare, fitsDeclaration, observe } from '../../../../src/doctor/fleet/fleet-comparison.js';
import { parseFleet } from '../../../../src/doctor/fleet/fleet-file.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const NOBODY: Attribution = { owner: '10.0.0.5', source: 'address', confidence: 'certain' };

/** So many connections of one name. */
const times = (count: number, name: string, own: Partial<ClientRow> = {}) =>
  Array.from({ length: count }, () => clientRow({ name, ...own }));

/** Attributions by the address of a row; nobody for the others. */
const byIp = (attributions: Readonly<Record<string, Partial<Attribution>>>) => (row: ClientRow) => ({
  ...NOBODY,
  ...attributions[row.ip],
});

const nobody = () => NOBODY;

describe('who is connected', () => {
  test('is told by names, and by attributions where there is none of ours', () => {
    const observed = observe(
      [
        ...times(2, 'orders@web-1'),
        ...times(1, 'orders@web-2#pool'),
        ...times(1, 'ioredis-cluster(refresher):orders@web-1'),
        ...times(3, '', { ip: '172.18.0.50' }),
        ...times(1, 'bull:mails', { ip: '172.18.0.50' }),
        ...times(4, '', { ip: '172.18.0.1' }),
        ...times(2, 'legacy', { ip: '10.0.0.9' }),
        ...times(1, 'redis-hygiene@laptop#doctor'),
        ...times(2, '', { ip: '10.0.0.7', flags: 'S' }),
      ],
      byIp({
        '172.18.0.50': { service: 'mails', host: 'mails-1', source: 'container', confidence: 'certain' },
        '172.18.0.1': { service: 'gateway', source: 'container', confidence: 'ambiguous' },
        '10.0.0.7': { owner: 'replica', source: 'server' },
      }),
    );
    expect(observed).toEqual({
      services: new Map([
        [
          'orders',
          {
            connections: 4,
            hosts: new Map([
              ['web-1', 3],
              ['web-2', 1],
            ]),
          },
        ],
        ['mails', { connections: 4, hosts: new Map([['mails-1', 4]]) }],
      ]),
      servers: 2,
      doctors: 1,
      strangers: 2,
      nameless: 4,
    });
  });
});

const FLEET = parseFleet(
  `
targets: { main: { maxclients: 100, reserve: 5 } }
services:
  orders: { replicas: 2, connections: 4, surge: 1 }
  "mail room": { replicas: 1, connections: 10, surge: 0 }
`,
  'fleet.yaml',
);
const [MAIN] = FLEET.targets as [(typeof FLEET.targets)[number]];
const BUDGET = budgetOf(FLEET, MAIN, 100);

function compared(rows: readonly ClientRow[]) {
  const comparison = compare(BUDGET, '10.0.0.1:6379', observe(rows, nobody));
  const orders = comparison.services.find(({ service }) => service === 'orders');
  return { ...comparison, orders, within: fitsDeclaration(comparison) };
}

describe('a service', () => {
  test('that is not connected', () => {
    expect(compared([])).toMatchObject({
      orders: { observed: 0, steady: 8, peak: 12, replicas: 2, hosts: 0, standing: 'steady' },
      within: true,
    });
  });

  test('on a quiet day', () => {
    const { orders, within } = compared([...times(4, 'orders@web-1'), ...times(3, 'orders@web-2')]);
    expect(orders).toMatchObject({
      observed: 7,
      hosts: 2,
      most: { host: 'web-1', connections: 4 },
      standing: 'steady',
    });
    expect(within).toBe(true);
  });

  test('in a rollout', () => {
    const rows = ['web-1', 'web-2', 'web-3'].flatMap((host) => times(4, `orders@${host}`));
    expect(compared(rows)).toMatchObject({ orders: { observed: 12, standing: 'rollout' }, within: true });
  });

  test('with more than any rollout explains', () => {
    const rows = ['a', 'b', 'c', 'd'].flatMap((host) => times(4, `orders@${host}`));
    expect(compared(rows)).toMatchObject({ orders: { observed: 16, standing: 'over' }, within: false });
  });

  test('of which one replica takes more than its share', () => {
    expect(compared(times(5, 'orders@web-1'))).toMatchObject({
      orders: { observed: 5, most: { host: 'web-1', connections: 5 }, perReplica: 4, standing: 'over' },
      within: false,
    });
  });

  test('is recognised by the name that its connections have', () => {
    const { services, undeclared } = compared(times(3, 'mail-room@post-1'));
    expect(services).toMatchObject([{ service: 'orders' }, { service: 'mail room', observed: 3 }]);
    expect(undeclared).toEqual([]);
  });
});

describe('what nobody declared', () => {
  test('is told, and must fit in the reserve', () => {
    const rows = [...times(1, 'b@x'), ...times(2, 'a@x'), ...times(2, '')];
    expect(compared(rows)).toMatchObject({
      undeclared: [
        { service: 'a', connections: 2 },
        { service: 'b', connections: 1 },
      ],
      nameless: 2,
      beside: { connections: 5, reserve: 5, over: 0 },
      within: true,
    });
    expect(compared([...rows, ...times(1, 'legacy')])).toMatchObject({
      strangers: 1,
      beside: { connections: 6, over: 1 },
      within: false,
    });
  });
});
