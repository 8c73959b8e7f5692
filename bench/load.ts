export interface Load {
  readonly call: () => Promise<unknown>;
  /** How many callers there are. Each sends its next command when it has the reply to its last one. */
  readonly callers: number;
  readonly ms: number;
}

/** Runs the load; gives calls per second. */
export async function runLoad({ call, callers, ms }: Load): Promise<number> {
  let done = 0;
  const start = performance.now();
  const end = start + ms;
  async function caller(): Promise<void> {
    while (performance.now() < end) {
      await call();
      done += 1;
    }
  }
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1000) / (performance.now() - start);
}
