import { describe, expect, test } from 'vitest';
import { type Budget, createBudget } from '../../../src/ledger/budget.js';
import {
  createConnectionCounts,
  type BudgetHolder,
  type ConnectionCounts,
} from '../../../src/ledger/connection-counts.js';
import { thrown } from '../../support/unit/thrown.js';

const handler: BudgetHolder = {
  role: 'command',
  callSite: ['handler (/app/server.js:9:22)', 'main (/app/main.js:1:1)'],
};
const jobs: BudgetHolder = { role: 'pool', callSite: ['open (/app/jobs.js:3:4)'] };
const watcher: BudgetHolder = { role: 'sentinel', callSite: [] };

interface BudgetBench {
  readonly budget: Budget;
  readonly holdings: ConnectionCounts;
}

function bench(limit: number, { callSiteFrames = 3, holdings = createConnectionCounts() } = {}): BudgetBench {
  return { budget: createBudget({ limit, callSiteFrames, holdings }), holdings };
}

function takeMany(budget: Budget, holder: BudgetHolder, count: number): void {
  for (let taken = 0; taken < count; taken += 1) budget.take(holder);
}

describe('a budget', () => {
  test('has as many places as its limit says, and each that is given back is free again', () => {
    const { budget, holdings } = bench(3);
    takeMany(budget, handler, 3);
    thrown('HYG_LIMIT_CONNECTIONS', () => budget.take(handler));
    thrown('HYG_LIMIT_CONNECTIONS', () => budget.ensure());
    expect(holdings.used).toBe(3);
    budget.giveBack(handler);
    budget.ensure();
    budget.take(handler);
    expect(holdings.used).toBe(3);
  });

  test('looks, and takes nothing', () => {
    const { budget, holdings } = bench(1);
    budget.ensure();
    budget.ensure();
    expect(holdings.used).toBe(0);
  });

  test('is one count for all factories, each with its own limit', () => {
    const { budget: large, holdings } = bench(4);
    const { budget: small } = bench(2, { holdings });
    takeMany(large, handler, 2);
    thrown('HYG_LIMIT_CONNECTIONS', () => small.take(jobs));
    takeMany(large, handler, 2);
    thrown('HYG_LIMIT_CONNECTIONS', () => large.take(jobs));
  });

  test('counts also what is not refused', () => {
    const { budget, holdings } = bench(1);
    for (let times = 0; times < 3; times += 1) budget.count(watcher);
    expect(holdings.used).toBe(3);
    thrown('HYG_LIMIT_CONNECTIONS', () => budget.take(handler));
    for (let times = 0; times < 3; times += 1) budget.giveBack(watcher);
    budget.take(handler);
  });
});

describe('a reservation', () => {
  test('holds all its places until it is released, once', () => {
    const { budget, holdings } = bench(10);
    const claim = budget.reserve(jobs, 8);
    takeMany(budget, handler, 2);
    thrown('HYG_LIMIT_CONNECTIONS', () => budget.take(handler));
    claim.release();
    claim.release();
    expect(holdings.used).toBe(2);
    expect(holdings.byRole()).toEqual({ command: 2 });
  });

  test('that does not fit is refused as a whole', () => {
    const { budget, holdings } = bench(10);
    takeMany(budget, handler, 5);
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.reserve(jobs, 6));
    expect(message).toMatch(
      /^6 more connections were asked for, and limits\.connections is 10, of which 5 are held \(5 command\)\./,
    );
    expect(details).toMatchObject({ limit: 10, used: 5, asked: 6 });
    expect(holdings.used).toBe(5);
    budget.reserve(jobs, 5);
  });

  test('above the limit is refused at once, also where nothing is held', () => {
    const { message } = thrown('HYG_LIMIT_CONNECTIONS', () => bench(10).budget.reserve(jobs, 11));
    expect(message).toMatch(
      /^11 more connections were asked for, and limits\.connections is 10, of which 0 are held\. Share/,
    );
  });
});

describe('the error of a full budget', () => {
  test('says the limit, what is held, by which role and by which line, largest first', () => {
    const { budget } = bench(100);
    budget.reserve(jobs, 4);
    takeMany(budget, handler, 96);
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.take(handler));
    expect(message).toContain(
      'One more connection was asked for, and limits.connections is 100, of which 100 are held (96 command, 4 pool). ' +
        'Opened: 96 by handler (/app/server.js:9:22), 4 by open (/app/jobs.js:3:4).',
    );
    expect(details).toEqual({
      limit: 100,
      used: 100,
      asked: 1,
      refused: 1,
      byRole: { command: 96, pool: 4 },
      bySite: [
        { site: 'handler (/app/server.js:9:22)', count: 96 },
        { site: 'open (/app/jobs.js:3:4)', count: 4 },
      ],
    });
    expect(Object.keys(details['byRole'] as object)).toEqual(['command', 'pool']);
  });

  test('names five roles, and has all of them in its details', () => {
    const { budget } = bench(20);
    for (let role = 1; role <= 8; role += 1)
      takeMany(budget, { role: `job-${role}`, callSite: [] }, role > 7 ? 13 : 1);
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.take(handler));
    expect(message).toContain('(13 job-8, 1 job-1, 1 job-2, 1 job-3, 1 job-4, 3 of other roles)');
    expect(Object.keys(details['byRole'] as object)).toHaveLength(8);
  });

  test('names three lines, and has all of them in its details', () => {
    const { budget } = bench(10);
    for (const [line, count] of [1, 2, 3, 4].entries()) {
      takeMany(budget, { role: 'command', callSite: [`line-${line}`] }, count);
    }
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.take(handler));
    expect(message).toContain('Opened: 4 by line-3, 3 by line-2, 2 by line-1, and 1 by 1 other line.');
    expect(details['bySite']).toHaveLength(4);
  });

  test('counts how often this factory was refused', () => {
    const { budget } = bench(1);
    budget.take(handler);
    for (let times = 0; times < 4; times += 1) thrown('HYG_LIMIT_CONNECTIONS', () => budget.take(handler));
    expect(thrown('HYG_LIMIT_CONNECTIONS', () => budget.ensure()).details).toMatchObject({
      refused: 5,
    });
  });

  test.each([
    [0, 'The lines that opened them are not known, because callSiteFrames is 0.'],
    [3, 'The lines that opened them are not known.'],
  ])('says why it names no line (callSiteFrames: %i)', (callSiteFrames, why) => {
    const { budget } = bench(1, { callSiteFrames });
    budget.take({ role: 'cluster', callSite: [] });
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.take(handler));
    expect(message).toContain(`(1 cluster). ${why} `);
    expect(details['bySite']).toEqual([]);
  });

  test('shows no password of a line that has one', () => {
    const { budget } = bench(1);
    budget.take({ role: 'command', callSite: ['eval at redis://:s3cret@host'] });
    const error = thrown('HYG_LIMIT_CONNECTIONS', () => budget.take(handler));
    expect(JSON.stringify([error.message, error.details])).not.toContain('s3cret');
  });
});
