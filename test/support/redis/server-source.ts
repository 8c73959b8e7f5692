import { reason, RedisUnavailableError, SourceUnavailable, type FailedSource } from './errors.js';

/** A source of Redis servers. If `attempt` throws SourceUnavailable, the next source is tried. */
export interface ServerSource<T> {
  /** Instruction for the user that makes this source available. */
  readonly advice: string;
  readonly attempt: () => Promise<T>;
}

/** Tries the sources in order. @throws RedisUnavailableError with all reasons if none is available */
export async function firstThatWorks<T>(
  sources: readonly ServerSource<T>[],
  onStep: (line: string) => void,
): Promise<T> {
  const failures: FailedSource[] = [];
  for (const { advice, attempt } of sources) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof SourceUnavailable)) throw error;
      failures.push({ advice, why: reason(error) });
      onStep(reason(error));
    }
  }
  throw new RedisUnavailableError(failures);
}
