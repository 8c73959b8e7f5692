import fc from 'fast-check';
import { expect } from 'vitest';
import { fullJitter } from '../../../../src/core/backoff.js';
import { HygieneError } from '../../../../src/core/errors.js';
import { ActiveLease } from '../../../../src/pool/lease.js';
import { PoolCore } from '../../../../src/pool/pool-core.js';
import { checkPoolOptions, type PoolOptions } from '../../../../src/pool/pool-options.js';
import type { PoolReport } from '../../../../src/pool/pool-report.js';
import { createPool, type Pool } from '../../../../src/pool/pool.js';
import { createFakeClock, turn } from '../fake-clock.js';
import { FakeConnection } from './fake-connection.js';

const BOUNDS = { baseMs: 100, capMs: 10_000 };
/** A caller gives up after this time, or never. */
const ACQUIRE_TIMEOUTS_MS = [3_000, 3_600_000];
/** A connection that breaks this long after its dial began was ready for a moment. */
const EARLY_LOSS_MS = 5;
const LEASE_MAX_MS = 20_000;
const CLOSE_TIMEOUT_MS = 500;

export type PoolStep =
  | { readonly kind: 'acquire' | 'use' | 'clear' | 'close' }
  | { readonly kind: 'release'; readonly which: number; readonly last: string; readonly isTwice: boolean }
  | {
      readonly kind: 'event';
      readonly which: number;
      readonly event: 'break' | 'quit' | 'moved' | 'readonly';
    }
  | {
      readonly kind: 'server';
      readonly isUp: boolean;
      readonly isAnswering: boolean;
      readonly isLosing: boolean;
    }
  | { readonly kind: 'wait'; readonly ms: number };

const which = fc.nat(5);

export const anyPoolStep: fc.Arbitrary<PoolStep> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('acquire' as const, 'acquire', 'use') }) },
  {
    weight: 7,
    arbitrary: fc.record({
      ...{ kind: fc.constant('release' as const), which, isTwice: fc.boolean() },
      last: fc.constantFrom('', '', 'get', 'select', 'subscribe', 'blpop'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ kind: fc.constant('event' as const), which },
      event: fc.constantFrom('break' as const, 'break', 'quit', 'moved', 'readonly'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ kind: fc.constant('server' as const), isUp: fc.boolean(), isAnswering: fc.boolean() },
      isLosing: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 2, 3, 50, 600, 1_100, 5_000, 25_000),
    }),
  },
);

export const anyPoolSettings = fc
  .record({
    ...{ max: fc.integer({ min: 1, max: 4 }), min: fc.nat(4), maxWaiting: fc.constantFrom(0, 2, 1_000) },
    ...{ idleTimeoutMs: fc.constantFrom(100, 600_000), maxLifetimeMs: fc.constantFrom(1_000, 1_800_000) },
    ...{ leaseWarnMs: fc.constantFrom(0, 1_000), leaseMaxMs: fc.constantFrom(0, LEASE_MAX_MS) },
    validateAfterIdleMs: fc.constantFrom(0, 500),
    acquireTimeoutMs: fc.constantFrom(...ACQUIRE_TIMEOUTS_MS),
  })
  .map((settings) => ({ ...settings, min: Math.min(settings.min, settings.max) }));

/** A caller of `acquire()` or `use()`. */
interface Caller {
  readonly at: number;
  state: 'waiting' | 'served' | 'refused';
}

/** What a caller holds: a lease, or a `use()` that goes on until it is told to end. */
interface Held {
  readonly client: object;
  readonly since: number;
  readonly lease: ActiveLease | undefined;
  readonly release: () => Promise<unknown>;
}

/** A pool whose callers, connections and server are the test's. */
export class PoolModel {
  readonly clock;
  readonly held: Held[] = [];
  readonly callers: Caller[] = [];
  /** What must not happen, and did. */
  readonly faults: string[] = [];
  readonly #connections: FakeConnection[] = [];
  readonly #server = { isUp: true, isAnswering: true };
  /** Whether connections break as soon as they are ready. */
  #isLosing = false;
  readonly #pool: Pool;
  readonly #max: number;
  readonly #maxWaiting: number;
  readonly #leaseMaxMs: number;
  readonly #acquireTimeoutMs: number;
  #report: PoolReport | undefined;
  #isClosing = false;
  #openReleases = 0;

  constructor(options: PoolOptions, random: number) {
    const clock = (this.clock = createFakeClock({ random }));
    const { settings } = checkPoolOptions(options);
    this.#max = settings.max;
    this.#maxWaiting = settings.maxWaiting;
    this.#leaseMaxMs = settings.leaseMaxMs;
    this.#acquireTimeoutMs = settings.acquireTimeoutMs;
    const name = 'orders@web-1#pool';
    const core = new PoolCore({
      ...{ clock, name, settings, onOverdue: () => undefined, onReturned: () => undefined, bounds: BOUNDS },
      retryStrategy: (times) => fullJitter(times, BOUNDS, clock.random()),
      open: (listener) => {
        const connection = new FakeConnection(listener, clock, this.#server);
        this.#connections.push(connection);
        clock.after(EARLY_LOSS_MS, () => this.#isLosing && connection.break());
        return connection;
      },
    });
    const facts = { name, role: 'pool', target: 'redis://localhost:6379' };
    this.#pool = createPool({ facts, core, closeTimeoutMs: CLOSE_TIMEOUT_MS, onClosed: () => undefined });
  }

  #open(): FakeConnection[] {
    return this.#connections.filter(({ isOpen }) => isOpen);
  }

  #call(): Caller {
    const caller: Caller = { at: this.clock.now(), state: 'waiting' };
    this.callers.push(caller);
    return caller;
  }

  #serve(caller: Caller, client: object): void {
    caller.state = 'served';
    const earlier = this.callers.slice(0, this.callers.indexOf(caller));
    if (earlier.some(({ state }) => state === 'waiting'))
      this.faults.push('a caller was served before an earlier one');
    const connection = this.#connections.find(
      (one) => Object.getPrototypeOf(Object.getPrototypeOf(client)) === one.client,
    );
    if (connection && connection.state !== 'ready') this.faults.push('a caller got a broken connection');
  }

  #refuse(caller: Caller, error: unknown): void {
    caller.state = 'refused';
    const code = error instanceof HygieneError ? error.code : String(error);
    const waitedMs = this.clock.now() - caller.at;
    if (
      code === 'HYG_POOL_CLOSED'
        ? !this.#isClosing
        : code === 'HYG_ACQUIRE_TIMEOUT' && waitedMs < this.#acquireTimeoutMs
    ) {
      this.faults.push(`${code} after ${waitedMs} ms`);
    }
    if (code === 'HYG_POOL_FULL' && this.#waiting() < this.#maxWaiting)
      this.faults.push('HYG_POOL_FULL with room to wait');
    if (!/^HYG_(POOL_CLOSED|POOL_FULL|ACQUIRE_TIMEOUT)$/.test(code)) this.faults.push(code);
  }

  #waiting(): number {
    return this.callers.filter(({ state }) => state === 'waiting').length;
  }

  acquire(): void {
    const caller = this.#call();
    this.#pool.acquire().then(
      (lease) => {
        if (!(lease instanceof ActiveLease)) throw new Error('This is not an ActiveLease.');
        this.#serve(caller, lease.client);
        this.held.push({
          client: lease.pooledClient,
          since: this.clock.now(),
          lease,
          release: () => lease.release(),
        });
      },
      (error: unknown) => this.#refuse(caller, error),
    );
  }

  use(): void {
    const caller = this.#call();
    let end: () => void = () => undefined;
    const work = new Promise<void>((resolve) => (end = resolve));
    const using = this.#pool.use((client) => {
      this.#serve(caller, client);
      const pooled = this.#connections.find((one) => one.client.isPrototypeOf(client));
      this.held.push({
        client: pooled?.client ?? client,
        since: this.clock.now(),
        lease: undefined,
        release: () => (end(), using),
      });
      return work;
    });
    using.catch((error: unknown) => this.#refuse(caller, error));
  }

  release(index: number, last: string, isTwice: boolean): void {
    const [held] = this.held.splice(index % Math.max(1, this.held.length), 1);
    if (!held) return;
    const { lease, client, release } = held;
    const connection = this.#connections.find((one) => one.client === client);
    if (last && lease && connection?.state === 'ready') {
      connection.send(lease, last, '3');
      if (last === 'blpop') connection.hasBlockingCommand = true;
    }
    this.#openReleases += 1;
    release().then(
      () => (this.#openReleases -= 1),
      (error: unknown) => this.faults.push(String(error)),
    );
    if (!isTwice || !lease) return;
    release().then(
      () => this.faults.push('a lease was released twice'),
      (error: unknown) => {
        if (!(error instanceof HygieneError && error.code === 'HYG_LEASE_ENDED'))
          this.faults.push(String(error));
      },
    );
  }

  close(): void {
    this.#isClosing = true;
    void this.#pool.close({ timeoutMs: CLOSE_TIMEOUT_MS }).then((report) => (this.#report = report));
  }

  #event(index: number, event: 'break' | 'quit' | 'moved' | 'readonly'): void {
    const open = this.#open();
    const connection = open[index % Math.max(1, open.length)];
    if (!connection) return;
    if (event === 'break') connection.break();
    else if (event === 'quit') {
      if (connection.state === 'ready') connection.close();
    } else if (event === 'moved') connection.listener.onMoved();
    else connection.listener.onReadOnly();
  }

  async take(step: PoolStep): Promise<void> {
    if (step.kind === 'release') this.release(step.which, step.last, step.isTwice);
    else if (step.kind === 'event') this.#event(step.which, step.event);
    else if (step.kind === 'server') {
      Object.assign(this.#server, { isUp: step.isUp, isAnswering: step.isAnswering });
      this.#isLosing = step.isLosing;
    } else if (step.kind === 'wait') await this.clock.advance(step.ms);
    else if (step.kind === 'clear') this.#pool.clear();
    else this[step.kind]();
    await turn();
    this.check();
  }

  /** Forgets what the pool has taken back by force. */
  #forgetRevoked(): void {
    const now = this.clock.now();
    const isRevoked = ({ since }: Held) =>
      (this.#leaseMaxMs > 0 && now - since >= this.#leaseMaxMs) || this.#report !== undefined;
    for (const held of this.held.filter(isRevoked))
      void held.release().catch((error: unknown) => this.faults.push(String(error)));
    this.held.splice(0, Infinity, ...this.held.filter((held) => !isRevoked(held)));
  }

  /** Checks what must hold after every step. */
  check(): void {
    this.#forgetRevoked();
    const { size, idle, used, resetting, connecting, pending } = this.#pool.statistics();
    expect(this.faults).toEqual([]);
    expect(this.#open().length, 'connections').toBeLessThanOrEqual(this.#max);
    expect(size, 'size').toBe(idle + used + resetting);
    expect(size + connecting, 'size').toBeLessThanOrEqual(this.#max);
    expect(Math.min(idle, used, resetting, connecting), 'figures').toBeGreaterThanOrEqual(0);
    expect(pending, 'pending').toBe(this.#waiting());
    expect(pending, 'pending').toBeLessThanOrEqual(this.#maxWaiting + this.#max);
    const clients = this.held.map(({ client }) => client);
    expect(new Set(clients).size, 'connections that are lent').toBe(clients.length);
    const longest = Math.max(
      0,
      ...this.callers.filter(({ state }) => state === 'waiting').map(({ at }) => this.clock.now() - at),
    );
    expect(longest, 'the longest wait').toBeLessThanOrEqual(this.#acquireTimeoutMs);
  }

  #releaseAll(): void {
    while (this.held.length > 0) this.release(0, 'get', false);
  }

  /** From now on the server works: whoever waits is served, or has given up before, and so is whoever comes. */
  async expectService(onStep: () => void): Promise<void> {
    Object.assign(this.#server, { isUp: true, isAnswering: true });
    this.#isLosing = false;
    // The backoff after early losses may last for 10 s. It ends when a borrower gets an answer.
    for (let rounds = this.#waiting() + 2; rounds > 0; rounds -= 1) {
      this.#releaseAll();
      await this.clock.advance(11_000);
      await turn();
      this.check();
      onStep();
    }
    expect(this.#waiting(), 'callers who wait in vain').toBe(0);
    for (let count = 0; count < 2 * this.#max; count += 1) {
      this.#releaseAll();
      this.acquire();
      await this.clock.advance(count === 0 ? 11_000 : 200);
      if (count > 0) expect(this.callers.at(-1)?.state, 'a caller of a pool that works').toBe('served');
      this.check();
      onStep();
    }
  }

  async expectClosed(): Promise<void> {
    this.close();
    await this.clock.advance(CLOSE_TIMEOUT_MS + 1_100); // an answer that does not come is awaited for a second
    await turn();
    expect(this.#report, 'the report of close()').toBeDefined();
    this.check();
    expect([this.#open().length, this.#waiting(), this.#openReleases]).toEqual([0, 0, 0]);
    const { size, closed } = this.#pool.statistics();
    expect(size).toBe(0);
    expect(Object.values(closed).reduce((sum, count) => sum + count)).toBe(this.#connections.length);
    expect(this.clock.pendingTimers(), 'timers that are left').toBe(0);
  }
}
