import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolReport, PoolStatistics } from '../../../src/index.js';
import { takeCensus, type Census } from './census.js';
import { findTraces } from './check.js';
import { watchOwnSockets } from '../own-sockets.js';
import { anyMess, type MessKind } from './messes.js';
import type { TestRedis } from '../use-redis.js';

export interface StressOptions {
  readonly redis: TestRedis;
  readonly pool: Pool;
  readonly durationMs: number;
  /** Who breaks connections: the server with CLIENT KILL, or some borrowers, who destroy their socket. */
  readonly breaker: 'server' | 'borrowers';
}

/** What came of it. */
export interface StressReport {
  /** What borrowers found of others: nothing, one hopes. */
  readonly traces: readonly string[];
  /** Rows of CLIENT LIST, at most. */
  readonly mostRows: number;
  /** Sockets that the pool had at most. */
  readonly mostSockets: number;
  readonly samples: number;
  readonly kills: number;
  readonly messes: Readonly<Record<MessKind, number>>;
  /** Late calls that were let through, or refused with another error. */
  readonly lateCalls: readonly string[];
  /** What callers were told, by message. */
  readonly failures: ReadonlyMap<string, number>;
  readonly statistics: PoolStatistics;
  readonly closed: PoolReport;
  readonly rowsAfter: number;
}

const DBS = [0, 1, 2, 3];
const KILL_EVERY_MS = 100;
const CALLERS = 200;

class Stress {
  readonly #options: StressOptions;
  readonly traces: string[] = [];
  readonly lateCalls: string[] = [];
  readonly failures = new Map<string, number>();
  readonly messes: Record<MessKind, number> = { none: 0, cleanable: 0, hopeless: 0, ending: 0, cut: 0 };
  kills = 0;
  #isOver = false;

  constructor(options: StressOptions) {
    this.#options = options;
  }

  async run(census: Census): Promise<void> {
    const { durationMs, breaker } = this.#options;
    const work = Array.from({ length: CALLERS }, (_, index) => this.#caller(index));
    const killing = breaker === 'server' ? this.#kill(census) : undefined;
    await sleep(durationMs);
    this.#isOver = true;
    await Promise.all([...work, killing]);
  }

  async #caller(index: number): Promise<void> {
    while (!this.#isOver) {
      try {
        await (index % 4 === 0 ? this.#acquire() : this.#use());
      } catch (error) {
        const { message } = error as Error;
        const text = message.slice(0, 60);
        this.failures.set(text, (this.failures.get(text) ?? 0) + 1);
        await sleep(5);
      }
    }
  }

  async #use(): Promise<void> {
    const kept: { client?: Redis } = {};
    await this.#options.pool.use(async (client) => {
      kept.client = client;
      await this.#borrow(client);
      if (Math.random() < 0.02) throw new Error('A borrower that throws.');
    });
    if (Math.random() < 0.05 && kept.client) await this.#callLate(kept.client);
  }

  async #acquire(): Promise<void> {
    const lease = await this.#options.pool.acquire();
    try {
      await this.#borrow(lease.client);
      if (Math.random() < 0.01) await sleep(300); // over leaseWarnMs
    } finally {
      await lease.release();
    }
  }

  async #borrow(client: Redis): Promise<void> {
    const found = await findTraces(client, this.#options.pool.name);
    this.traces.push(...found);
    const { kind, make } = anyMess(this.#options.breaker === 'borrowers');
    this.messes[kind] += 1;
    await make(client);
  }

  async #callLate(client: Redis): Promise<void> {
    try {
      this.lateCalls.push(`let through: ${String(await client.incr('late'))}`);
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      if (code !== 'HYG_LEASE_ENDED') this.lateCalls.push(message);
    }
  }

  async #kill(census: Census): Promise<void> {
    while (!this.#isOver) {
      await sleep(KILL_EVERY_MS);
      const ids = await census.ids();
      const id = ids[Math.floor(Math.random() * ids.length)];
      if (id === undefined) continue;
      await census.kill(id);
      this.kills += 1;
    }
  }
}

/** Has many callers borrow, look for what others left, leave something behind themselves, and lose connections. */
export async function stressPool(options: StressOptions): Promise<StressReport> {
  const { redis, pool } = options;
  const script = redis.admin.multi();
  for (const db of DBS) script.select(db).set('where', db);
  await script.select(0).exec();
  const census = await takeCensus(redis.server, [await redis.admin.client('ID')]);
  using sockets = watchOwnSockets();
  const stress = new Stress(options);
  try {
    await stress.run(census);
    const closed = await pool.close({ timeoutMs: 5_000 });
    const { traces, kills, messes, lateCalls, failures } = stress;
    return {
      ...{ traces, kills, messes, lateCalls, failures, closed },
      ...{
        mostRows: census.most,
        mostSockets: sockets.most,
        samples: census.samples,
        rowsAfter: (await census.ids()).length,
      },
      statistics: pool.statistics(),
    };
  } finally {
    await census.stop();
  }
}
