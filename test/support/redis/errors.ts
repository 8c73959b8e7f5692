/** A source is not available on this machine, and the next one is tried. Any other error ends the search. */
export class SourceUnavailable extends Error {
  override readonly name = 'SourceUnavailable';
}

export interface FailedSource {
  readonly advice: string;
  readonly why: string;
}

/** No source provided a Redis server. The message says for each source what to do, and why it failed. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';

  constructor(readonly failures: readonly FailedSource[]) {
    const lines = failures.map(({ advice, why }, index) => `  ${index + 1}. ${advice}\n     failed: ${why}`);
    super(['No Redis server was found or started. Any one of these is enough:', ...lines].join('\n'));
  }
}

/** Message of a caught value, on one line. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.trim().replace(/\s*\n\s*/g, ' | ');
}

/** The `code` of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
