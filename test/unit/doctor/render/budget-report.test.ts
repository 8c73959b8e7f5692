import { describe, expect, test } from 'vitest';
import { budgetOf } from '../../../../src/doctor/fleet/fleet-budget.js';
import { compareWithServer } from '../../../../src/doctor/fleet/fleet-comparison.js';
import { parseFleet } from '../../../../src/doctor/fleet/fleet-file.js';
import { renderBudget, renderComparison } from '../../../../src/doctor/render/budget-report.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';

const PAGE = { width: 100, style: plainStyle };

function budget(maxclients: number) {
  const text = `
targets: { main: { maxclients: ${maxclients}, reserve: 200 } }
services:
  orders: { replicas: 12, connections: 100 }
  mails: { replicas: 4, pools: [10, 5], connections-outside-pools: 2, surge: 1 }`;
  const fleet = parseFleet(text, 'fleet.yaml');
  const [target] = fleet.targets;
  if (!target) throw new Error('There is no target.');
  return budgetOf(fleet, target, maxclients);
}

const render = (maxclients: number, rollouts: 'alone' | 'together' = 'together') =>
  renderBudget(budget(maxclients), rollouts, PAGE);

describe('renderBudget shows a target', () => {
  test('that has room for everything', () => {
    expect(render(10_000)).toEqual([
      'main: room for 9800 connections (maxclients 10000, reserve 200)',
      '',
      'service        replicas  each  steady  surge  in rollout  of room',
      'orders               12   100    1200     +3        1568   16.0 %  fits',
      'mails                 4    17      68     +1        1285   13.1 %  fits',
      '(no rollout)                     1268               1268   12.9 %  fits',
      '(all at once)                    1268               1585   16.2 %  fits',
      '',
    ]);
  });

  test('that one rollout exceeds, by how many, and what would fit', () => {
    expect(render(1_600).slice(3)).toEqual([
      'orders               12   100    1200     +3        1568  112.0 %  168 too many',
      'mails                 4    17      68     +1        1285   91.8 %  fits',
      '(no rollout)                     1268               1268   90.6 %  fits',
      '(all at once)                    1268               1585  113.2 %  185 too many',
      '',
      'The rollout of orders makes 1568 connections, 168 more than the 1400 that there is room for. It fits',
      'with a surge of 1 replica, or with 88 connections in each process, or with maxclients 1768.',
      '',
    ]);
    expect(render(1_500).join(' ')).toContain('It fits with no surge, or with 82');
  });

  test('whose rollouts fit one at a time', () => {
    const problems = render(1_770).slice(8).join(' ');
    expect(problems).toBe(
      'All rollouts at the same time make 1585 connections, 15 more than the 1570 that there is room for. ' +
        'Any 1 of the 2 may be rolled out at the same time. ',
    );
    expect(render(1_770, 'alone').slice(8)).toEqual([]);
  });

  test('that is too small even without a rollout', () => {
    const problems = render(1_000).slice(8).join(' ');
    expect(problems).toContain('Without any rollout there are 1268 connections, 468 more than the 800');
    expect(problems).toContain('It fits with 48 connections in each process, or with maxclients 1768.');
  });
});

test('renderComparison shows a server beside its target', () => {
  const observed = {
    services: new Map([
      [
        'orders',
        {
          connections: 1_300,
          hosts: new Map([
            ['web-3', 100],
            ['web-1', 90],
          ]),
        },
      ],
      ['billing', { connections: 12, hosts: new Map() }],
    ]),
    servers: 2,
    commands: 1,
    unrecognized: 3,
    unnamed: 190,
  };
  expect(renderComparison(compareWithServer(budget(10_000), '10.0.0.1:6379', observed), PAGE)).toEqual([
    'main as it is on 10.0.0.1:6379',
    '',
    'service  observed  steady  in rollout  replicas  most in one',
    'orders       1300    1200        1500   2 of 12  100 of 100 (web-3)  as in a rollout',
    'mails           0      68          85    0 of 4  -                   as declared',
    '',
    '208 of 200 reserved connections in use, 8 too many (12 billing, 190 unnamed, 3 with unknown names, 2',
    'servers, 1 redis-hygiene doctor).',
    '',
  ]);
});

test.each([
  [1, 20, '1 of 20 reserved connections in use (redis-hygiene doctor).'],
  [0, 20, '0 of 20 reserved connections in use.'],
  [2, 1, '2 of 1 reserved connection in use, 1 too many (redis-hygiene doctor).'],
])('renderComparison says how much of the reserve is in use: %d of %d', (commands, reserve, line) => {
  const usage = { services: new Map(), servers: 0, commands, unrecognized: 0, unnamed: 0 };
  const target = { ...budget(10_000), reserve };
  expect(renderComparison(compareWithServer(target, '10.0.0.1:6379', usage), PAGE)).toContain(line);
});
