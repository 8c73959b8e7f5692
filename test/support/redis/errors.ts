/** A remedy is not to be had on this machine: the next one is tried. Any other error ends the search. */
export class RemedyUnavailable extends Error {
  override readonly name = 'RemedyUnavailable';
}

export interface FailedRemedy {
  readonly advice: string;
  readonly why: string;
}

/** No remedy gave a Redis server. The message says what to do, and why each remedy failed. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';

  constructor(readonly failures: readonly FailedRemedy[]) {
    const lines = failures.map(({ advice, why }, index) => `  ${index + 1}. ${advice}\n     failed: ${why}`);
    super(['No Redis server was found or started. Any one of these is enough:', ...lines].join('\n'));
  }
}

/** What a caught value says, on one line. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.trim().replace(/\s*\n\s*/g, ' | ');
}

/** The `code` of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
