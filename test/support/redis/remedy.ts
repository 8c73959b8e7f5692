import { reason, RedisUnavailableError, RemedyUnavailable, type FailedRemedy } from './errors.js';

/** A way to a Redis. `attempt` throws RemedyUnavailable to let the next one try. */
export interface Remedy<T> {
  /** What a person does to make this remedy work. */
  readonly advice: string;
  readonly attempt: () => Promise<T>;
}

/** Tries the remedies in order. @throws RedisUnavailableError with every reason when none works */
export async function firstThatWorks<T>(
  remedies: readonly Remedy<T>[],
  onStep: (line: string) => void,
): Promise<T> {
  const failures: FailedRemedy[] = [];
  for (const { advice, attempt } of remedies) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RemedyUnavailable)) throw error;
      failures.push({ advice, why: reason(error) });
      onStep(reason(error));
    }
  }
  throw new RedisUnavailableError(failures);
}
