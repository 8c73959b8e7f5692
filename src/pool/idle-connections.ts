import * as genericPool from 'generic-pool';
import type { Factory, Options, Pool } from 'generic-pool';
import type { Clock } from '../core/clock.js';
import type { PoolEntry } from './pool-entry.js';

/** What a stock keeps, as far as it needs to know it. */
export interface Kept {
  /** Resolves when it has closed. */
  readonly gone: Promise<void>;
}

export interface StockPorts<Item extends Kept> {
  readonly max: number;
  readonly min: number;
  readonly idleTimeoutMs: number;
  /** Makes one. It takes as long as it takes, and never fails: what could not be made is found to be so when taken. */
  make(): Promise<Item>;
  /** Whether one that has been idle can be lent. */
  validate(item: Item): Promise<boolean>;
  /** Whether an idle one is of no use any more. */
  isSpent(item: Item): boolean;
  /** Closes one that has been found unfit, or has been idle for too long. */
  scrap(item: Item): void;
}

/** The connections that nobody uses at present, made and retired by generic-pool. */
export interface Stock<Item> {
  /** An idle one that is fit, or a new one. */
  take(): Promise<Item>;
  /** Puts one back, to be idle. */
  put(item: Item): void;
  /** One that was taken does not come back. */
  drop(item: Item): void;
  /** Closes all, when those that were taken have come back or been dropped. */
  close(): Promise<void>;
}

/** What generic-pool hands to its evictor. */
interface Pooled<Item> {
  readonly obj: Item;
}

type EvictorClass<Item> = new () => {
  evict(config: unknown, pooled: Pooled<Item>, available: number): boolean;
};

/** What generic-pool exports, most of which its types leave out. */
interface GenericPool {
  readonly DefaultEvictor: EvictorClass<unknown>;
  readonly Deque: unknown;
  readonly PriorityQueue: unknown;
  readonly Pool: new <Item>(
    Evictor: EvictorClass<Item>,
    queue: unknown,
    priorityQueue: unknown,
    factory: Factory<Item>,
    options: Options,
  ) => Pool<Item>;
}

const { DefaultEvictor, Deque, PriorityQueue, Pool: PlainPool } = genericPool as unknown as GenericPool;

/** How often idle connections are looked through: a quarter of their time, so that it is not passed by much. */
function evictionInterval(idleTimeoutMs: number): number {
  return Math.min(5_000, Math.max(100, idleTimeoutMs / 4));
}

export function createStock<Item extends Kept>(ports: StockPorts<Item>): Stock<Item> {
  const { max, min, idleTimeoutMs } = ports;

  class Evictor extends DefaultEvictor {
    override evict(config: unknown, pooled: Pooled<Item>, available: number): boolean {
      return ports.isSpent(pooled.obj) || super.evict(config, pooled, available);
    }
  }

  const factory: Factory<Item> = {
    create: () => ports.make(),
    validate: (item) => ports.validate(item),
    async destroy(item) {
      ports.scrap(item);
      await item.gone;
    },
  };
  const pool = new PlainPool(Evictor, Deque, PriorityQueue, factory, {
    ...{ max, min },
    fifo: false, // with little to do the same few are used, and the others are idle and can go
    testOnBorrow: true,
    softIdleTimeoutMillis: idleTimeoutMs,
    idleTimeoutMillis: Number.MAX_SAFE_INTEGER, // the soft one keeps `min`
    evictionRunIntervalMillis: evictionInterval(idleTimeoutMs),
    numTestsPerEvictionRun: max,
  });

  return {
    take: () => pool.acquire(),
    put: (item) => void pool.release(item),
    drop: (item) => void pool.destroy(item),
    async close() {
      await pool.drain();
      await pool.clear();
    },
  };
}

export interface ShelfPorts {
  readonly clock: Clock;
  /** How long one may lie there. */
  readonly restMs: number;
  /** Nobody took these in time. */
  readonly onRested: (members: readonly PoolEntry[]) => void;
}

/** Connections that have just come back: for `restMs` they are lent again without ado. */
export class Shelf {
  readonly #ports: ShelfPorts;
  /** The one that came back last is at the end. */
  #members: PoolEntry[] = [];
  #timer: { cancel(): void } | undefined;

  constructor(ports: ShelfPorts) {
    this.#ports = ports;
  }

  put(member: PoolEntry, now: number): void {
    member.restedAt = now;
    this.#members.push(member);
    this.#timer ??= this.#ports.clock.after(this.#ports.restMs, () => this.#putAway());
  }

  /** The one that came back last. Where the process stood still meanwhile, the timer is late, and time decides. */
  take(now: number): PoolEntry | undefined {
    const last = this.#members.pop();
    if (!last || now - last.restedAt < this.#ports.restMs) return last;
    this.#ports.onRested([...this.empty(), last]);
    return undefined;
  }

  /** Takes all of them. */
  empty(): PoolEntry[] {
    this.#timer?.cancel();
    this.#timer = undefined;
    return this.#members.splice(0);
  }

  #putAway(): void {
    this.#timer = undefined;
    const { clock, restMs, onRested } = this.#ports;
    const now = clock.now();
    const isRested = ({ restedAt }: PoolEntry) => now - restedAt >= restMs;
    const rested = this.#members.filter(isRested);
    this.#members = this.#members.filter((member) => !isRested(member));
    onRested(rested);
    const [oldest] = this.#members;
    if (oldest) this.#timer = clock.after(oldest.restedAt + restMs - now, () => this.#putAway());
  }
}
