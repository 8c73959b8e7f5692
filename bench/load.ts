/** Commands that callers send one after the other for a period. */
export interface Load {
  readonly call: () => Promise<unknown>;
  /** Number of callers. Each sends its next command when it has the reply to its last one. */
  readonly callers: number;
  /** Duration in milliseconds. */
  readonly ms: number;
}

/** Runs the load. Returns the number of calls per second. */
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
