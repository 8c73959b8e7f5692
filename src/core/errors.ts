import { doctorErrors, initErrors, runtimeErrors } from './error-table.js';
import { redact } from './redact.js';

/**
 * Every code that a `HygieneError` can carry. The remedy ends each message of that code, and
 * `docs/errors.md` is generated from this table.
 */
export const errorTable = { ...runtimeErrors, ...doctorErrors, ...initErrors };

/** The stable codes of `HygieneError`. */
export type HygieneErrorCode = keyof typeof errorTable;

/** What an error carries besides its message. */
export interface HygieneErrorOptions {
  /** Facts about the failure, as data. Secrets are removed when the error is made. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The error underneath. It must be free of secrets. */
  readonly cause?: unknown;
}

/**
 * The one error class of redis-hygiene. The message says what happened, what was expected and what to do;
 * `code` is stable across releases, `details` holds the same facts as data.
 */
export class HygieneError extends Error {
  override readonly name = 'HygieneError';
  /** Stable code, see docs/errors.md. */
  readonly code: HygieneErrorCode;
  /** The facts of this failure, without secrets. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: HygieneErrorCode, what: string, options: HygieneErrorOptions = {}) {
    const message = `${redact(what)} ${errorTable[code].remedy}`;
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = redact(options.details ?? {});
  }
}

export function isReplyError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
