import { describe, expect, test } from 'vitest';
import type { HygieneError } from '../../../src/core/errors.js';
import { type Budget, createBudget } from '../../../src/ledger/budget.js';
import {
  type BudgetHolder,
  type ConnectionCounts,
  createConnectionCounts,
} from '../../../src/ledger/connection-counts.js';
import { thrown } from '../../support/unit/thrown.js';

const handler: BudgetHolder = {
  role: 'command',
  callSite: ['handler (/app/server.js:9:22)', 'main (/app/main.js:1:1)'],
};
const jobs: BudgetHolder = { role: 'pool', callSite: ['open (/app/jobs.js:3:4)'] };
const sentinel: BudgetHolder = { role: 'sentinel', callSite: [] };

interface Setup {
  readonly budget: Budget;
  readonly counts: ConnectionCounts;
}

function setUp(limit: number, { callSiteFrames = 3, counts = createConnectionCounts() } = {}): Setup {
  return { budget: createBudget({ limit, callSiteFrames, counts }), counts };
}

function acquireMany(budget: Budget, holder: BudgetHolder, count: number): void {
  for (let acquired = 0; acquired < count; acquired += 1) budget.acquire(holder);
}

describe('a budget', () => {
  test('refuses connections above its limit, until one is released', () => {
    const { budget, counts } = setUp(3);
    acquireMany(budget, handler, 3);
    thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
    thrown('HYG_LIMIT_CONNECTIONS', () => budget.ensureFree());
    expect(counts.used).toBe(3);
    budget.release(handler);
    budget.ensureFree();
    budget.acquire(handler);
    expect(counts.used).toBe(3);
  });

  test('counts nothing in ensureFree()', () => {
    const { budget, counts } = setUp(1);
    budget.ensureFree();
    budget.ensureFree();
    expect(counts.used).toBe(0);
  });

  test('has one count for all factories, but a limit for each', () => {
    const { budget: large, counts } = setUp(4);
    const { budget: small } = setUp(2, { counts });
    acquireMany(large, handler, 2);
    thrown('HYG_LIMIT_CONNECTIONS', () => small.acquire(jobs));
    acquireMany(large, handler, 2);
    thrown('HYG_LIMIT_CONNECTIONS', () => large.acquire(jobs));
  });

  test('counts exempt connections too, but never refuses them', () => {
    const { budget, counts } = setUp(1);
    for (let times = 0; times < 3; times += 1) budget.acquireExempt(sentinel);
    expect(counts.used).toBe(3);
    thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
    for (let times = 0; times < 3; times += 1) budget.release(sentinel);
    budget.acquire(handler);
  });
});

test('connections of other libraries are counted and never refused; exceeding the limit is reported', () => {
  const counts = createConnectionCounts();
  const reported: string[] = [];
  const onOverrun = ({ code }: HygieneError) => void reported.push(code);
  const budget = createBudget({ limit: 2, callSiteFrames: 3, counts, onOverrun });
  for (let times = 0; times < 3; times += 1) budget.acquireObserved(handler);
  expect(counts.used).toBe(3);
  expect(reported).toEqual(['HYG_LIMIT_CONNECTIONS']);
  thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
});

describe('a reservation', () => {
  test('counts all its connections until it is released, and is released once', () => {
    const { budget, counts } = setUp(10);
    const reservation = budget.reserve(jobs, 8);
    acquireMany(budget, handler, 2);
    thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
    reservation.release();
    reservation.release();
    expect(counts.used).toBe(2);
    expect(counts.byRole()).toEqual({ command: 2 });
  });

  test('is refused as a whole if it exceeds the limit', () => {
    const { budget, counts } = setUp(10);
    acquireMany(budget, handler, 5);
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.reserve(jobs, 6));
    expect(message).toMatch(
      /^6 more connections were requested, but limits\.connections is 10\. In use: 5 \(5 command\)\./,
    );
    expect(details).toMatchObject({ limit: 10, used: 5, asked: 6 });
    expect(counts.used).toBe(5);
    budget.reserve(jobs, 5);
  });

  test('larger than the limit is refused, even if no connection is in use', () => {
    const { message } = thrown('HYG_LIMIT_CONNECTIONS', () => setUp(10).budget.reserve(jobs, 11));
    expect(message).toMatch(
      /^11 more connections were requested, but limits\.connections is 10\. In use: 0\. Share/,
    );
  });
});

describe('the error HYG_LIMIT_CONNECTIONS', () => {
  test('contains the limit and the connections in use by role and by line, largest first', () => {
    const { budget } = setUp(100);
    budget.reserve(jobs, 4);
    acquireMany(budget, handler, 96);
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
    expect(message).toContain(
      'One more connection was requested, but limits.connections is 100. In use: 100 (96 command, 4 pool). ' +
        'Opened: 96 by handler (/app/server.js:9:22), 4 by open (/app/jobs.js:3:4).',
    );
    expect(details).toEqual({
      limit: 100,
      used: 100,
      asked: 1,
      refused: 1,
      byRole: { command: 96, pool: 4 },
      byCallSite: [
        { location: 'handler (/app/server.js:9:22)', count: 96 },
        { location: 'open (/app/jobs.js:3:4)', count: 4 },
      ],
    });
    expect(Object.keys(details['byRole'] as object)).toEqual(['command', 'pool']);
  });

  test('lists five roles in its message and all of them in its details', () => {
    const { budget } = setUp(20);
    for (let role = 1; role <= 8; role += 1)
      acquireMany(budget, { role: `job-${role}`, callSite: [] }, role > 7 ? 13 : 1);
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
    expect(message).toContain('(13 job-8, 1 job-1, 1 job-2, 1 job-3, 1 job-4, 3 of other roles)');
    expect(Object.keys(details['byRole'] as object)).toHaveLength(8);
  });

  test('lists three lines in its message and all of them in its details', () => {
    const { budget } = setUp(10);
    for (const [line, count] of [1, 2, 3, 4].entries()) {
      acquireMany(budget, { role: 'command', callSite: [`line-${line}`] }, count);
    }
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
    expect(message).toContain('Opened: 4 by line-3, 3 by line-2, 2 by line-1, and 1 by 1 other line.');
    expect(details['byCallSite']).toHaveLength(4);
  });

  test('counts the refusals of the factory', () => {
    const { budget } = setUp(1);
    budget.acquire(handler);
    for (let times = 0; times < 4; times += 1) thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
    expect(thrown('HYG_LIMIT_CONNECTIONS', () => budget.ensureFree()).details).toMatchObject({
      refused: 5,
    });
  });

  test.each([
    [0, 'The lines that opened them are not known, because callSiteFrames is 0.'],
    [3, 'The lines that opened them are not known.'],
  ])('says why it lists no line (callSiteFrames: %i)', (callSiteFrames, why) => {
    const { budget } = setUp(1, { callSiteFrames });
    budget.acquire({ role: 'cluster', callSite: [] });
    const { message, details } = thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
    expect(message).toContain(`(1 cluster). ${why} `);
    expect(details['byCallSite']).toEqual([]);
  });

  test('does not contain a password that is part of a line', () => {
    const { budget } = setUp(1);
    budget.acquire({ role: 'command', callSite: ['eval at redis://:s3cret@host'] });
    const error = thrown('HYG_LIMIT_CONNECTIONS', () => budget.acquire(handler));
    expect(JSON.stringify([error.message, error.details])).not.toContain('s3cret');
  });
});
