import { describe, expect, test } from 'vitest';
import type { HygieneError } from '../../../src/core/errors.js';
import { createFakeClock, turn } from '../../support/unit/fake-clock.js';
import { poolBench } from '../../support/unit/pool/pool-harness.js';

const caught = (work: Promise<unknown>) => work.catch((error: unknown) => error) as Promise<HygieneError>;

describe('an overdue lease', () => {
  test('of 31 s is told once, and once more when it comes back', async () => {
    const { pool, clock, onOverdue, onReturned } = poolBench({ max: 1 });
    const acquiring = pool.acquire();
    await clock.advance(10);
    const lease = await acquiring;
    await clock.advance(29_990);
    expect(onOverdue).not.toHaveBeenCalled();
    await clock.advance(1_000);
    expect(onOverdue).toHaveBeenCalledTimes(1);
    expect(onOverdue.mock.calls[0]?.[0]).toMatchObject({ heldMs: 30_000, lastCommand: undefined });
    await clock.advance(3_600_000);
    expect(onOverdue).toHaveBeenCalledTimes(1);
    expect(onReturned).not.toHaveBeenCalled();
    await lease.release();
    expect(onReturned).toHaveBeenCalledTimes(1);
    const closing = pool.close();
    await clock.advance(5);
    await closing;
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is found at its own time, however the leases overlap', async () => {
    const { pool, clock, onOverdue } = poolBench({ max: 10, leaseWarnMs: 1_000 });
    const told: number[] = [];
    onOverdue.mockImplementation(({ heldMs }) => told.push(heldMs));
    for (let i = 0; i < 10; i += 1) {
      void pool.acquire();
      await clock.advance(150);
    }
    await clock.advance(2_000);
    expect(told).toEqual(Array.from({ length: 10 }, () => 1_000));
  });

  test('is no concern of a pool with leaseWarnMs 0', async () => {
    const { pool, clock, onOverdue } = poolBench({ max: 1, leaseWarnMs: 0 });
    void pool.acquire();
    await clock.advance(86_400_000);
    expect(onOverdue).not.toHaveBeenCalled();
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is ended by force at leaseMaxMs, and told before', async () => {
    const { pool, clock, onOverdue, onReturned } = poolBench({
      max: 1,
      leaseWarnMs: 1_000,
      leaseMaxMs: 1_500,
    });
    const acquiring = pool.acquire();
    await clock.advance(10);
    const lease = await acquiring;
    await clock.advance(1_480);
    expect(pool.statistics().used).toBe(1);
    await clock.advance(30);
    expect(pool.statistics()).toMatchObject({ used: 0, closed: { revoked: 1 } });
    expect(onOverdue).toHaveBeenCalledTimes(1);
    await clock.advance(5_000);
    await lease.release();
    expect(onReturned).toHaveBeenCalledTimes(1);
  });
});

describe('who waits', () => {
  test('is refused when the time is up, each at its own time', async () => {
    const { pool, clock } = poolBench({ max: 1, acquireTimeoutMs: 1_000 });
    void pool.acquire();
    await clock.advance(10);
    const refusals: number[] = [];
    const start = clock.now();
    for (const waitMs of [100, 100, 300]) {
      void pool.acquire().catch(() => refusals.push(clock.now() - start));
      await clock.advance(waitMs);
    }
    await clock.advance(2_000);
    expect(refusals).toEqual([1_000, 1_100, 1_200]);
    expect(pool.statistics()).toMatchObject({ timeouts: 3, pending: 0 });
  });

  test('learns why nothing could be opened, once nothing is lent', async () => {
    const { pool, clock, server } = poolBench({ max: 2, acquireTimeoutMs: 1_000 });
    server.isUp = false;
    const refused = caught(pool.acquire());
    await clock.advance(1_000);
    const error = await refused;
    expect(error).toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT', cause: { message: 'nobody listens' } });
    expect(error.message).toContain('None of its 2 connections is lent');
  });

  test('is told of five holders, and of how many more', async () => {
    const { pool, clock } = poolBench({ max: 7, acquireTimeoutMs: 100 });
    for (let i = 0; i < 7; i += 1) void pool.acquire();
    await clock.advance(50);
    const refused = caught(pool.acquire());
    await clock.advance(100);
    const { message, details } = await refused;
    expect(message).toMatch(
      /Of 7 connections 7 are lent, longest first: (.*pool-core\.test\.ts.*; ){5}and 2 more\./,
    );
    expect(details).toMatchObject({ holders: { length: 7 } });
  });
});

describe('a connection', () => {
  test.for([
    [0, 1_000_000],
    [0.5, 875_000],
    [0.999_999, 750_000],
  ])('has a life of its own length (%d): %d ms', async ([random = 0, lifeMs = 0]) => {
    const options = { max: 1, maxLifetimeMs: 1_000_000, leaseWarnMs: 0 };
    const { pool, clock, connections } = poolBench(options, createFakeClock({ random }));
    const borrow = async () => {
      const acquiring = pool.acquire();
      await clock.advance(5);
      await (await acquiring).release();
    };
    await borrow();
    await clock.advance(lifeMs - 20);
    await borrow();
    expect(connections).toHaveLength(1);
    await clock.advance(30);
    await borrow();
    expect(connections).toHaveLength(2);
    expect(pool.statistics().closed).toMatchObject({ lifetime: 1 });
  });

  test('that gives no sign of life within a second is not lent', async () => {
    const { pool, clock, server, connections } = poolBench({ max: 1 });
    const first = pool.acquire();
    await clock.advance(5);
    await (await first).release();
    await clock.advance(499);
    await (await pool.acquire()).release();
    expect(connections[0]?.sent).toEqual([]);
    await clock.advance(501);
    server.answers = false;
    const second = pool.acquire();
    await clock.advance(1_500);
    await (await second).release();
    expect(connections.map(({ sent }) => sent)).toEqual([['ping'], []]);
    expect(pool.statistics().closed).toMatchObject({ silent: 1 });
  });

  test('that does not come clean within a second is dropped', async () => {
    const { pool, clock, server, connections } = poolBench({ max: 1 });
    const acquiring = pool.acquire();
    await clock.advance(5);
    const lease = await acquiring;
    (lease as unknown as { note(command: object): void }).note({ name: 'select', args: ['3'] });
    server.answers = false;
    const released = lease.release();
    await turn();
    expect(pool.statistics()).toMatchObject({ size: 1, idle: 0, used: 0, cleaning: 1 });
    await clock.advance(1_001);
    await released;
    expect(connections[0]?.sent).toEqual(['select 0']);
    expect(pool.statistics()).toMatchObject({ size: 0, cleaning: 0, closed: { dirty: 1 } });
  });

  test('that dies young makes the next one wait, and the end of the pool does not', async () => {
    const { pool, clock, connections } = poolBench({ max: 1, acquireTimeoutMs: 60_000 });
    const dials: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      const acquiring = pool.acquire();
      const before = clock.now();
      while (connections.length === i) await clock.advance(10);
      dials.push(clock.now() - before);
      await clock.advance(5);
      const lease = await acquiring;
      connections.at(-1)?.die();
      await lease.release();
      await clock.advance(5);
    }
    expect(dials).toEqual([0, 50, 100, 200, 400, 800, 1_600]);
    const waiting = caught(pool.acquire());
    const closing = pool.close();
    await clock.advance(5);
    expect(await closing).toMatchObject({ forced: 0 });
    expect(await waiting).toMatchObject({ code: 'HYG_POOL_CLOSED' });
    expect(clock.pendingTimers()).toBe(0);
  });
});
