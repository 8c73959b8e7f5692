import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../redis/index.js';

/** Rows of CLIENT LIST, counted over and over. */
export interface Census {
  /** Ids of the connections that are there now, but ours. */
  ids(): Promise<number[]>;
  kill(id: number): Promise<void>;
  readonly most: number;
  readonly samples: number;
  stop(): Promise<void>;
}

/** Takes the census on a connection of its own. `others` are not counted. */
export async function takeCensus(
  { host, port }: RedisServer,
  others: readonly number[],
  pauseMs = 1,
): Promise<Census> {
  const redis = new Redis(port, host, { disableClientInfo: true, connectionName: 'census' });
  const known = new Set([...others, await redis.client('ID')]);
  const state = { most: 0, samples: 0, isOver: false };

  async function ids(): Promise<number[]> {
    const list = String(await redis.client('LIST'));
    return [...list.matchAll(/^id=(\d+)/gm)].map(([, id]) => Number(id)).filter((id) => !known.has(id));
  }

  async function count(): Promise<void> {
    while (!state.isOver) {
      state.most = Math.max(state.most, (await ids()).length);
      state.samples += 1;
      await sleep(pauseMs);
    }
  }
  const counting = count();

  return {
    ids,
    kill: async (id) => void (await redis.client('KILL', 'ID', id).catch(() => undefined)),
    get most() {
      return state.most;
    },
    get samples() {
      return state.samples;
    },
    async stop() {
      state.isOver = true;
      await counting;
      redis.disconnect();
    },
  };
}
