import { doctorErrors, initErrors, runtimeErrors } from './error-table.js';
import { redact } from './redact.js';

/**
 * Every code that a `HygieneError` can have. A message ends with the remedy of its code, and `docs/errors.md` is
 * generated from this table.
 */
export const errorTable = { ...runtimeErrors, ...doctorErrors, ...initErrors };

/** The stable codes of `HygieneError`. */
export type HygieneErrorCode = keyof typeof errorTable;

/** Properties of a `HygieneError` besides its message. */
export interface HygieneErrorOptions {
  /** Facts about the failure, as data. The constructor removes secrets from them. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The error that caused this one. It must be free of secrets. */
  readonly cause?: unknown;
}

/**
 * The error class of redis-hygiene. The message says what happened, what was expected and what to do. `code` is
 * stable across releases, and `details` holds the facts of the message as data.
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

/**
 * Whether an error is an error reply of a server. The name is compared, because each installed copy of ioredis can have
 * its own class.
 */
export function isReplyError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/** Reply of a server that has reached maxclients. In a Cluster the connections of the cluster bus count too. */
const SERVER_FULL = /max number of clients( \+ cluster connections)? reached/;

/** Whether a reply is that of a full server. Takes an error, or the first bytes that came from the server. */
export function isServerFullReply(reply: unknown): boolean {
  return SERVER_FULL.test(reply instanceof Error ? reply.message : String(reply));
}

/** Whether the server runs a script, and answers every command with BUSY until the script has ended. */
export function isBusyError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('BUSY ');
}
