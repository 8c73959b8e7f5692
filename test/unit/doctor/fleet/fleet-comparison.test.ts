import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { budgetOf } from '../../../../src/doctor/fleet/fleet-budget.js';
import {
  compareWithServer,
  fitsDeclaration,
  countByService,
} from '../../../../src/doctor/fleet/fleet-comparison.js';
import { parseFleet } from '../../../../src/doctor/fleet/fleet-file.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const UNKNOWN: Attribution = { owner: '10.0.0.5', source: 'address', confidence: 'certain' };

/** Connections with one name. */
const repeat = (count: number, name: string, own: Partial<ClientRow> = {}) =>
  Array.from({ length: count }, () => clientRow({ name, ...own }));

/** Attributions by the address of a row. Other rows have no known owner. */
const byIp = (attributions: Readonly<Record<string, Partial<Attribution>>>) => (row: ClientRow) => ({
  ...UNKNOWN,
  ...attributions[row.ip],
});

const attributeNothing = () => UNKNOWN;

describe('connections', () => {
  test('are counted by name, and by attribution if redis-hygiene gave no name', () => {
    const usage = countByService(
      [
        ...repeat(2, 'orders@web-1'),
        ...repeat(1, 'orders@web-2#pool'),
        ...repeat(1, 'ioredis-cluster(refresher):orders@web-1'),
        ...repeat(3, '', { ip: '172.18.0.50' }),
        ...repeat(1, 'bull:mails', { ip: '172.18.0.50' }),
        ...repeat(4, '', { ip: '172.18.0.1' }),
        ...repeat(2, 'legacy', { ip: '10.0.0.9' }),
        ...repeat(1, 'redis-hygiene@laptop#doctor'),
        ...repeat(2, '', { ip: '10.0.0.7', flags: 'S' }),
      ],
      byIp({
        '172.18.0.50': { service: 'mails', host: 'mails-1', source: 'container', confidence: 'certain' },
        '172.18.0.1': { service: 'gateway', source: 'container', confidence: 'ambiguous' },
        '10.0.0.7': { owner: 'replica', source: 'server' },
      }),
    );
    expect(usage).toEqual({
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
      commands: 1,
      unrecognized: 2,
      unnamed: 4,
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

function compareRows(rows: readonly ClientRow[]) {
  const comparison = compareWithServer(BUDGET, '10.0.0.1:6379', countByService(rows, attributeNothing));
  const orders = comparison.services.find(({ service }) => service === 'orders');
  return { ...comparison, orders, fits: fitsDeclaration(comparison) };
}

describe('a service', () => {
  test('without connections is within its declaration', () => {
    expect(compareRows([])).toMatchObject({
      orders: { observed: 0, steady: 8, peak: 12, replicas: 2, hosts: 0, status: 'steady' },
      fits: true,
    });
  });

  test('with no more than declared is within its declaration', () => {
    const { orders, fits } = compareRows([...repeat(4, 'orders@web-1'), ...repeat(3, 'orders@web-2')]);
    expect(orders).toMatchObject({
      observed: 7,
      hosts: 2,
      largestReplica: { host: 'web-1', connections: 4 },
      status: 'steady',
    });
    expect(fits).toBe(true);
  });

  test('with no more than a rollout explains is in a rollout', () => {
    const rows = ['web-1', 'web-2', 'web-3'].flatMap((host) => repeat(4, `orders@${host}`));
    expect(compareRows(rows)).toMatchObject({ orders: { observed: 12, status: 'rollout' }, fits: true });
  });

  test('with more than a rollout explains is over its declaration', () => {
    const rows = ['a', 'b', 'c', 'd'].flatMap((host) => repeat(4, `orders@${host}`));
    expect(compareRows(rows)).toMatchObject({ orders: { observed: 16, status: 'over' }, fits: false });
  });

  test('with one replica above its share is over its declaration', () => {
    expect(compareRows(repeat(5, 'orders@web-1'))).toMatchObject({
      orders: {
        observed: 5,
        largestReplica: { host: 'web-1', connections: 5 },
        perReplica: 4,
        status: 'over',
      },
      fits: false,
    });
  });

  test('is recognised by the sanitized name of its connections', () => {
    const { services, undeclared } = compareRows(repeat(3, 'mail-room@post-1'));
    expect(services).toMatchObject([{ service: 'orders' }, { service: 'mail room', observed: 3 }]);
    expect(undeclared).toEqual([]);
  });
});

describe('undeclared connections', () => {
  test('are listed, and must fit into the reserve', () => {
    const rows = [...repeat(1, 'b@x'), ...repeat(2, 'a@x'), ...repeat(2, '')];
    expect(compareRows(rows)).toMatchObject({
      undeclared: [
        { service: 'a', connections: 2 },
        { service: 'b', connections: 1 },
      ],
      unnamed: 2,
      reserveUse: { connections: 5, reserve: 5, over: 0 },
      fits: true,
    });
    expect(compareRows([...rows, ...repeat(1, 'legacy')])).toMatchObject({
      unrecognized: 1,
      reserveUse: { connections: 6, over: 1 },
      fits: false,
    });
  });
});
