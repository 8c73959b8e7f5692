import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActiveLease } from '../../../src/pool/lease.js';
import { createFakeClock, turn } from '../../support/unit/fake-clock.js';
import type { FakeConnection } from '../../support/unit/pool/fake-connection.js';
import { poolBench, type PoolBench } from '../../support/unit/pool/pool-harness.js';

const MAX = 3;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'take' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('return' as const),
      which: fc.nat(5),
      mess: fc.constantFrom('', 'select', 'subscribe', 'blpop'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('die' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'moved' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('server' as const), isUp: fc.boolean(), answers: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 2, 50, 600, 5_000),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

class Run {
  readonly bench: PoolBench;
  readonly held: ActiveLease[] = [];
  returned = 0;
  taken = 0;
  settled = 0;
  readonly failures: Error[] = [];

  constructor(min: number, random: number) {
    // Longer than all steps together: who waits is served, or refused by the end of the pool.
    const limits = { acquireTimeoutMs: 3_600_000, maxLifetimeMs: 20_000, leaseWarnMs: 1_000 };
    this.bench = poolBench({ max: MAX, min, ...limits }, createFakeClock({ random }));
  }

  take(): void {
    this.taken += 1;
    this.bench.pool
      .acquire()
      .then(
        (lease) => {
          if (!(lease instanceof ActiveLease)) throw new Error('This is no loan.');
          this.held.push(lease);
          if (this.#connectionOf(lease)?.state !== 'ready') this.failures.push(new Error('It was broken.'));
        },
        (error: unknown) => this.failures.push(error as Error),
      )
      .finally(() => (this.settled += 1));
  }

  #connectionOf(loan: ActiveLease): FakeConnection | undefined {
    return this.bench.connections.find(({ client }) => client === loan.lent);
  }

  giveBack(which: number, mess: string): void {
    const [loan] = this.held.splice(which % Math.max(1, this.held.length), 1);
    if (!loan) return;
    if (mess) loan.note({ name: mess, args: ['3'] });
    const connection = this.#connectionOf(loan);
    if (mess === 'blpop' && connection) connection.isBlockedNow = true;
    this.returned += 1;
    void loan.release();
  }

  die(which: number): void {
    const open = this.bench.open();
    open[which % Math.max(1, open.length)]?.die();
  }

  async act(one: Step): Promise<void> {
    const { pool, clock, server } = this.bench;
    if (one.kind === 'take') this.take();
    else if (one.kind === 'return') this.giveBack(one.which, one.mess);
    else if (one.kind === 'die') this.die(one.which);
    else if (one.kind === 'clear') pool.clear();
    else if (one.kind === 'moved') this.bench.open()[0]?.listener.onMoved();
    else if (one.kind === 'server') Object.assign(server, one);
    else await clock.advance(one.ms);
  }

  /** What holds at any moment. */
  check(): void {
    expect(this.bench.open().length).toBeLessThanOrEqual(MAX);
    const { size, idle, used, cleaning, opening, use, wait } = this.bench.pool.statistics();
    expect(size).toBe(idle + used + cleaning);
    for (const figure of [idle, used, cleaning, opening]) expect(figure).toBeGreaterThanOrEqual(0);
    expect(use.count).toBe(this.returned);
    expect(wait.count).toBeGreaterThanOrEqual(this.settled - this.failures.length);
    const lentClients = this.held.map((loan) => loan.lent);
    expect(new Set(lentClients).size).toBe(lentClients.length);
  }

  /** Nobody is forgotten: with a server that is well, all who wait are served in turn. */
  async serveAll(): Promise<void> {
    const { pool, clock, server } = this.bench;
    Object.assign(server, { isUp: true, answers: true });
    for (let i = 0; i < this.taken + 1; i += 1) {
      await clock.advance(30_000);
      while (this.held.length > 0) this.giveBack(0, '');
      this.check();
    }
    expect([this.settled, pool.statistics().pending]).toEqual([this.taken, 0]);
    expect(this.failures).toEqual([]);
  }

  async close(): Promise<void> {
    const { pool, clock } = this.bench;
    this.take();
    const closing = pool.close({ timeoutMs: 100 });
    await clock.advance(500); // no backoff and no answer is waited for
    expect(this.bench.open()).toEqual([]);
    const { forced, leases } = await closing;
    expect(leases).toHaveLength(this.held.length);
    expect(forced).toBeLessThanOrEqual(this.held.length);
    expect([this.settled, pool.statistics().pending]).toEqual([this.taken, 0]);
    expect(this.failures.filter(({ message }) => !message.includes('is closed'))).toEqual([]);
    expect(this.bench.open()).toEqual([]);
    const { created, size, closed } = pool.statistics();
    expect(size).toBe(0);
    expect(Object.values(closed).reduce((sum, count) => sum + count)).toBe(this.bench.connections.length);
    expect(created).toBeLessThanOrEqual(this.bench.connections.length);
    expect(clock.pendingTimers()).toBe(0);
  }
}

test('whatever happens: never more than max connections, nobody forgotten, each loan ended once, nothing left', async () => {
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: 40 }),
    fc.nat(MAX),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.boolean(),
    async (steps, min, random, isPatient) => {
      const run = new Run(min, random);
      for (const one of steps) {
        await run.act(one);
        await turn(); // whoever has been served knows it
        run.check();
      }
      if (isPatient) await run.serveAll();
      await run.close();
    },
  );
  await fc.assert(property, { numRuns: 400 });
});
