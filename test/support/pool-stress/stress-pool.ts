import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolReport, PoolStatistics } from '../../../src/index.js';
import { watchOwnSockets } from '../own-sockets.js';
import type { TestRedis } from '../use-redis.js';
import { type ActionKind, chooseAction } from './borrower-actions.js';
import { type ClientListMonitor, monitorClientList } from './client-list-monitor.js';
import { findLeftoverState } from './leftover-state.js';

export interface StressOptions {
  readonly redis: TestRedis;
  readonly pool: Pool;
  readonly durationMs: number;
  /** What breaks connections: the server by CLIENT KILL, or borrowers that destroy their socket. */
  readonly breaker: 'server' | 'borrowers';
}

/** The figures of a run. */
export interface StressReport {
  /** The state of other borrowers that borrowers found. */
  readonly leftovers: readonly string[];
  /** The largest number of rows of CLIENT LIST. */
  readonly maxRows: number;
  /** The largest number of sockets that the pool had at a time. */
  readonly maxSockets: number;
  /** The number of sockets that were destroyed before the server had closed its side, so that it listed them for longer. */
  readonly destroyedSockets: number;
  readonly samples: number;
  readonly kills: number;
  readonly actions: Readonly<Record<ActionKind, number>>;
  /** Calls after the end of a lease that succeeded, or failed with another error than HYG_LEASE_ENDED. */
  readonly lateCalls: readonly string[];
  /** How often callers got each error, by the start of its message. */
  readonly errors: ReadonlyMap<string, number>;
  readonly statistics: PoolStatistics;
  readonly closed: PoolReport;
  readonly rowsAfter: number;
}

const DBS = [0, 1, 2, 3];
const KILL_INTERVAL_MS = 100;
const CALLERS = 200;

class StressRun {
  readonly #options: StressOptions;
  readonly leftovers: string[] = [];
  readonly lateCalls: string[] = [];
  readonly errors = new Map<string, number>();
  readonly actions: Record<ActionKind, number> = {
    none: 0,
    resettable: 0,
    unresettable: 0,
    closing: 0,
    destroying: 0,
  };
  kills = 0;
  #isOver = false;

  constructor(options: StressOptions) {
    this.#options = options;
  }

  async run(clientList: ClientListMonitor): Promise<void> {
    const { durationMs, breaker } = this.#options;
    const callers = Array.from({ length: CALLERS }, (_, index) => this.#call(index));
    const killing = breaker === 'server' ? this.#killConnections(clientList) : undefined;
    await sleep(durationMs);
    this.#isOver = true;
    await Promise.all([...callers, killing]);
  }

  async #call(index: number): Promise<void> {
    while (!this.#isOver) {
      try {
        await (index % 4 === 0 ? this.#acquire() : this.#use());
      } catch (error) {
        const { message } = error as Error;
        const text = message.slice(0, 60);
        this.errors.set(text, (this.errors.get(text) ?? 0) + 1);
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
      if (Math.random() < 0.01) await sleep(300); // longer than leaseWarnMs
    } finally {
      await lease.release();
    }
  }

  async #borrow(client: Redis): Promise<void> {
    this.leftovers.push(...(await findLeftoverState(client, this.#options.pool.name)));
    const { kind, run } = chooseAction(this.#options.breaker);
    this.actions[kind] += 1;
    await run(client);
  }

  async #callLate(client: Redis): Promise<void> {
    try {
      this.lateCalls.push(`succeeded: ${String(await client.incr('late'))}`);
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      if (code !== 'HYG_LEASE_ENDED') this.lateCalls.push(message);
    }
  }

  async #killConnections(clientList: ClientListMonitor): Promise<void> {
    while (!this.#isOver) {
      await sleep(KILL_INTERVAL_MS);
      const ids = await clientList.ids();
      const id = ids[Math.floor(Math.random() * ids.length)];
      if (id === undefined) continue;
      await clientList.kill(id);
      this.kills += 1;
    }
  }
}

/** Runs callers that look for the state of others, leave state behind and lose connections. Closes the pool. */
export async function stressPool(options: StressOptions): Promise<StressReport> {
  const { redis, pool } = options;
  const script = redis.admin.multi();
  for (const db of DBS) script.select(db).set('where', db);
  await script.select(0).exec();
  const clientList = await monitorClientList(redis.server, [await redis.admin.client('ID')]);
  using sockets = watchOwnSockets();
  const stress = new StressRun(options);
  try {
    await stress.run(clientList);
    const closed = await pool.close({ timeoutMs: 5_000 });
    const { leftovers, kills, actions, lateCalls, errors } = stress;
    return {
      ...{ leftovers, kills, actions, lateCalls, errors, closed },
      ...{
        maxRows: clientList.maxRows,
        maxSockets: sockets.maxOpen,
        destroyedSockets: sockets.destroyed,
        samples: clientList.samples,
        rowsAfter: (await clientList.ids()).length,
      },
      statistics: pool.statistics(),
    };
  } finally {
    await clientList.stop();
  }
}
