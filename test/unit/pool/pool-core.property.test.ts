import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActiveLease } from '../../../src/pool/lease.js';
import { createFakeClock, turn } from '../../support/unit/fake-clock.js';
import type { FakeConnection } from '../../support/unit/pool/fake-connection.js';
import { createPoolHarness, type PoolHarness } from '../../support/unit/pool/pool-harness.js';

const MAX = 3;

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'acquire' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      which: fc.nat(5),
      lastCommand: fc.constantFrom('', 'select', 'subscribe', 'blpop'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('break' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'moved' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('server' as const),
      isUp: fc.boolean(),
      isAnswering: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 2, 50, 600, 5_000),
    }),
  },
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

class Run {
  readonly harness: PoolHarness;
  readonly heldLeases: ActiveLease[] = [];
  acquireCount = 0;
  settledCount = 0;
  releaseCount = 0;
  readonly failures: Error[] = [];

  constructor(min: number, random: number) {
    // The timeout is longer than all steps together: a caller is served, or refused when the pool closes.
    const settings = { acquireTimeoutMs: 3_600_000, maxLifetimeMs: 20_000, leaseWarnMs: 1_000 };
    this.harness = createPoolHarness({ max: MAX, min, ...settings }, createFakeClock({ random }));
  }

  acquire(): void {
    this.acquireCount += 1;
    this.harness.pool
      .acquire()
      .then(
        (lease) => {
          if (!(lease instanceof ActiveLease)) throw new Error('This is not an ActiveLease.');
          this.heldLeases.push(lease);
          if (this.#connectionOf(lease)?.state !== 'ready') {
            this.failures.push(new Error('The connection was broken.'));
          }
        },
        (error: unknown) => this.failures.push(error as Error),
      )
      .finally(() => (this.settledCount += 1));
  }

  #connectionOf(lease: ActiveLease): FakeConnection | undefined {
    return this.harness.connections.find(({ client }) => client === lease.pooledClient);
  }

  release(which: number, lastCommand: string): void {
    const [lease] = this.heldLeases.splice(which % Math.max(1, this.heldLeases.length), 1);
    if (!lease) return;
    const connection = this.#connectionOf(lease);
    if (lastCommand) connection?.send(lease, lastCommand, '3');
    if (lastCommand === 'blpop' && connection) connection.hasBlockingCommand = true;
    this.releaseCount += 1;
    void lease.release();
  }

  break(which: number): void {
    const open = this.harness.openConnections();
    open[which % Math.max(1, open.length)]?.break();
  }

  async run(step: Step): Promise<void> {
    const { pool, clock, server, openConnections } = this.harness;
    if (step.kind === 'acquire') this.acquire();
    else if (step.kind === 'release') this.release(step.which, step.lastCommand);
    else if (step.kind === 'break') this.break(step.which);
    else if (step.kind === 'clear') pool.clear();
    else if (step.kind === 'moved') openConnections()[0]?.listener.onMoved();
    else if (step.kind === 'server')
      Object.assign(server, { isUp: step.isUp, isAnswering: step.isAnswering });
    else await clock.advance(step.ms);
  }

  /** Checks what must hold after each step. */
  check(): void {
    expect(this.harness.openConnections().length).toBeLessThanOrEqual(MAX);
    const { size, idle, used, resetting, connecting, use, wait } = this.harness.pool.statistics();
    expect(size).toBe(idle + used + resetting);
    for (const figure of [idle, used, resetting, connecting]) expect(figure).toBeGreaterThanOrEqual(0);
    expect(use.count).toBe(this.releaseCount);
    expect(wait.count).toBeGreaterThanOrEqual(this.settledCount - this.failures.length);
    const heldClients = this.heldLeases.map((lease) => lease.pooledClient);
    expect(new Set(heldClients).size).toBe(heldClients.length);
  }

  /** Checks that all callers that wait are served, once the server works. */
  async serveAll(): Promise<void> {
    const { pool, clock, server } = this.harness;
    Object.assign(server, { isUp: true, isAnswering: true });
    for (let i = 0; i < this.acquireCount + 1; i += 1) {
      await clock.advance(30_000);
      while (this.heldLeases.length > 0) this.release(0, '');
      this.check();
    }
    expect([this.settledCount, pool.statistics().pending]).toEqual([this.acquireCount, 0]);
    expect(this.failures).toEqual([]);
  }

  async close(): Promise<void> {
    const { pool, clock, connections, openConnections } = this.harness;
    this.acquire();
    const closing = pool.close({ timeoutMs: 100 });
    await clock.advance(500); // close() waits for no backoff and no answer
    expect(openConnections()).toEqual([]);
    const { forced, leases } = await closing;
    expect(leases).toHaveLength(this.heldLeases.length);
    expect(forced).toBeLessThanOrEqual(this.heldLeases.length);
    expect([this.settledCount, pool.statistics().pending]).toEqual([this.acquireCount, 0]);
    expect(this.failures.filter(({ message }) => !message.includes('is closed'))).toEqual([]);
    expect(openConnections()).toEqual([]);
    const { created, size, closed } = pool.statistics();
    expect(size).toBe(0);
    expect(Object.values(closed).reduce((sum, count) => sum + count)).toBe(connections.length);
    expect(created).toBeLessThanOrEqual(connections.length);
    expect(clock.pendingTimers()).toBe(0);
  }
}

test('any sequence of steps: at most max connections, every caller is served, each lease ends once, all is closed', async () => {
  const property = fc.asyncProperty(
    fc.array(anyStep, { maxLength: 40 }),
    fc.nat(MAX),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.boolean(),
    async (steps, min, random, servesAll) => {
      const run = new Run(min, random);
      for (const step of steps) {
        await run.run(step);
        await turn(); // the promises of served callers resolve
        run.check();
      }
      if (servesAll) await run.serveAll();
      await run.close();
    },
  );
  await fc.assert(property, { numRuns: 400 });
});
