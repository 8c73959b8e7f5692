import { describe, expect, test } from 'vitest';
import type { HygieneError } from '../../../src/core/errors.js';
import { type ClientLease, leaseOf } from '../../../src/pool/leased-client.js';
import { createFakeClock, turn } from '../../support/unit/fake-clock.js';
import { createPoolHarness } from '../../support/unit/pool/pool-harness.js';

const catchError = (work: Promise<unknown>) => work.catch((error: unknown) => error) as Promise<HygieneError>;

describe('an overdue lease', () => {
  test('is reported once after 30 s, and once more when it is released', async () => {
    const { pool, clock, onOverdue, onReturned } = createPoolHarness({ max: 1 });
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

  test('is reported at its own time when leases overlap', async () => {
    const { pool, clock, onOverdue } = createPoolHarness({ max: 10, leaseWarnMs: 1_000 });
    const reportedAfterMs: number[] = [];
    onOverdue.mockImplementation(({ heldMs }) => reportedAfterMs.push(heldMs));
    for (let i = 0; i < 10; i += 1) {
      void pool.acquire();
      await clock.advance(150);
    }
    await clock.advance(2_000);
    expect(reportedAfterMs).toEqual(Array.from({ length: 10 }, () => 1_000));
  });

  test('is never reported with leaseWarnMs 0, and needs no timer', async () => {
    const { pool, clock, onOverdue } = createPoolHarness({ max: 1, leaseWarnMs: 0 });
    void pool.acquire();
    await clock.advance(86_400_000);
    expect(onOverdue).not.toHaveBeenCalled();
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is ended by force at leaseMaxMs, after it was reported', async () => {
    const { pool, clock, onOverdue, onReturned } = createPoolHarness({
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

describe('a caller that waits', () => {
  test('is refused after acquireTimeoutMs, each caller at its own time', async () => {
    const { pool, clock } = createPoolHarness({ max: 1, acquireTimeoutMs: 1_000 });
    void pool.acquire();
    await clock.advance(10);
    const refusedAfterMs: number[] = [];
    const start = clock.now();
    for (const waitMs of [100, 100, 300]) {
      void pool.acquire().catch(() => refusedAfterMs.push(clock.now() - start));
      await clock.advance(waitMs);
    }
    await clock.advance(2_000);
    expect(refusedAfterMs).toEqual([1_000, 1_100, 1_200]);
    expect(pool.statistics()).toMatchObject({ timeouts: 3, pending: 0 });
  });

  test('gets the failure of the last dial as the cause, if no connection is in use', async () => {
    const { pool, clock, server } = createPoolHarness({ max: 2, acquireTimeoutMs: 1_000 });
    server.isUp = false;
    const acquiring = catchError(pool.acquire());
    await clock.advance(1_000);
    const error = await acquiring;
    expect(error).toMatchObject({ code: 'HYG_ACQUIRE_TIMEOUT', cause: { message: 'The server is down.' } });
    expect(error.message).toContain('None of its 2 connections is in use');
  });

  test('gets five holders in the message and all of them in the details', async () => {
    const { pool, clock } = createPoolHarness({ max: 7, acquireTimeoutMs: 100 });
    for (let i = 0; i < 7; i += 1) void pool.acquire();
    await clock.advance(50);
    const acquiring = catchError(pool.acquire());
    await clock.advance(100);
    const { message, details } = await acquiring;
    expect(message).toMatch(
      /Connections in use: 7 of 7, longest first: (.*pool-core\.test\.ts.*; ){5}and 2 more\./,
    );
    expect(details).toMatchObject({ leases: { length: 7 } });
  });
});

describe('a connection', () => {
  test.for([
    [0, 1_000_000],
    [0.5, 875_000],
    [0.999_999, 750_000],
  ])('with random part %d is replaced after %d ms', async ([random = 0, lifetimeMs = 0]) => {
    const options = { max: 1, maxLifetimeMs: 1_000_000, leaseWarnMs: 0 };
    const { pool, clock, connections } = createPoolHarness(options, createFakeClock({ random }));
    const acquireAndRelease = async () => {
      const acquiring = pool.acquire();
      await clock.advance(5);
      await (await acquiring).release();
    };
    await acquireAndRelease();
    await clock.advance(lifetimeMs - 20);
    await acquireAndRelease();
    expect(connections).toHaveLength(1);
    await clock.advance(30);
    await acquireAndRelease();
    expect(connections).toHaveLength(2);
    expect(pool.statistics().closed).toMatchObject({ lifetime: 1 });
  });

  test('that does not answer PING within 1 s is replaced', async () => {
    const { pool, clock, server, connections } = createPoolHarness({ max: 1 });
    const first = pool.acquire();
    await clock.advance(5);
    await (await first).release();
    await clock.advance(499);
    await (await pool.acquire()).release();
    expect(connections[0]?.sent).toEqual([]);
    await clock.advance(501);
    server.isAnswering = false;
    const second = pool.acquire();
    await clock.advance(1_500);
    await (await second).release();
    expect(connections.map(({ sent }) => sent)).toEqual([['ping'], []]);
    expect(pool.statistics().closed).toMatchObject({ silent: 1 });
  });

  test('whose state is not reset within 1 s is closed', async () => {
    const { pool, clock, server, connections } = createPoolHarness({ max: 1 });
    const acquiring = pool.acquire();
    await clock.advance(5);
    const lease = await acquiring;
    connections[0]?.send(leaseOf(lease.client) as ClientLease, 'select', '3');
    server.isAnswering = false;
    const released = lease.release();
    await turn();
    expect(pool.statistics()).toMatchObject({ size: 1, idle: 0, used: 0, resetting: 1 });
    await clock.advance(1_001);
    await released;
    expect(connections[0]?.sent).toEqual(['select 0']);
    expect(pool.statistics()).toMatchObject({ size: 0, resetting: 0, closed: { dirty: 1 } });
  });

  test('that is lost early delays the next one, but not the close of the pool', async () => {
    const { pool, clock, connections } = createPoolHarness({ max: 1, acquireTimeoutMs: 60_000 });
    const delays: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      const acquiring = pool.acquire();
      const start = clock.now();
      while (connections.length === i) await clock.advance(10);
      delays.push(clock.now() - start);
      await clock.advance(5);
      const lease = await acquiring;
      connections.at(-1)?.break();
      await lease.release();
      await clock.advance(5);
    }
    expect(delays).toEqual([0, 50, 100, 200, 400, 800, 1_600]);
    const waiting = catchError(pool.acquire());
    const closing = pool.close();
    await clock.advance(5);
    expect(await closing).toMatchObject({ forced: 0 });
    expect(await waiting).toMatchObject({ code: 'HYG_POOL_CLOSED' });
    expect(clock.pendingTimers()).toBe(0);
  });

  test('that is asked for after close() is not waited for: an idle one failed its validation then', async () => {
    const { pool, clock, server, connections } = createPoolHarness({ max: 2, validateAfterIdleMs: 0 });
    const idle = await acquireReady();
    for (let i = 0; i < 8; i += 1) {
      await clock.advance(10_000); // longer than any delay
      const lost = await acquireReady();
      connections.at(-1)?.break();
      await lost.release();
      await clock.advance(1);
    }
    await idle.release();
    await clock.advance(1);
    server.isAnswering = false;
    const waiting = catchError(pool.acquire()); // the idle connection gets a PING
    await clock.advance(500);
    const closing = pool.close();
    await clock.advance(501);
    expect(await closing).toMatchObject({ forced: 0 });
    expect(await waiting).toMatchObject({ code: 'HYG_POOL_CLOSED' });

    async function acquireReady() {
      const acquiring = pool.acquire();
      await clock.advance(10);
      return acquiring;
    }
  });
});
