import type { Redis } from 'ioredis';

export type Call = (client: Redis) => Promise<unknown>;

export interface Load {
  readonly call: Call;
  /** How many callers there are. Each sends its next command when it has the reply to its last one. */
  readonly callers: number;
  readonly ms: number;
}

/** Runs the load on one connection; gives commands per second. */
export async function runLoad(client: Redis, { call, callers, ms }: Load): Promise<number> {
  let done = 0;
  const start = performance.now();
  const end = start + ms;
  async function caller(): Promise<void> {
    while (performance.now() < end) {
      await call(client);
      done += 1;
    }
  }
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1000) / (performance.now() - start);
}
