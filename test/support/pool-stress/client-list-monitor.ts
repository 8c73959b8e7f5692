import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../redis/index.js';

/** Counts the rows of CLIENT LIST again and again. */
export interface ClientListMonitor {
  /** Ids of the connections that are in CLIENT LIST now, except the excluded ones. */
  ids(): Promise<number[]>;
  kill(id: number): Promise<void>;
  /** The largest number of rows so far. */
  readonly maxRows: number;
  /** How often CLIENT LIST was read. */
  readonly samples: number;
  stop(): Promise<void>;
}

/** Starts to count on a connection of its own, which is not counted, as are those with the `excluded` ids. */
export async function monitorClientList(
  { host, port }: RedisServer,
  excluded: readonly number[],
  pauseMs = 1,
): Promise<ClientListMonitor> {
  const redis = new Redis(port, host, { disableClientInfo: true, connectionName: 'client-list-monitor' });
  const excludedIds = new Set([...excluded, await redis.client('ID')]);
  const state = { maxRows: 0, samples: 0, isStopped: false };

  async function ids(): Promise<number[]> {
    const list = String(await redis.client('LIST'));
    return [...list.matchAll(/^id=(\d+)/gm)].map(([, id]) => Number(id)).filter((id) => !excludedIds.has(id));
  }

  async function count(): Promise<void> {
    while (!state.isStopped) {
      state.maxRows = Math.max(state.maxRows, (await ids()).length);
      state.samples += 1;
      await sleep(pauseMs);
    }
  }
  const counting = count();

  return {
    ids,
    kill: async (id) => void (await redis.client('KILL', 'ID', id).catch(() => undefined)),
    get maxRows() {
      return state.maxRows;
    },
    get samples() {
      return state.samples;
    },
    async stop() {
      state.isStopped = true;
      await counting;
      redis.disconnect();
    },
  };
}
