import { HygieneError } from '../../core/errors.js';

/** A command, as it passes through `sendCommand`. ioredis calls `resolve` or `reject` with its reply. */
export interface SentCommand {
  readonly name: string;
  readonly args: readonly unknown[];
  resolve: (reply: unknown) => unknown;
  reject: (error: Error) => void;
}

/**
 * What became of a command. `executed`: the server has executed it. `queued`: it is a step of a transaction. `refused`: the
 * server has refused it, or ioredis has rejected it.
 */
export type Outcome =
  | { readonly kind: 'executed' }
  | { readonly kind: 'queued' }
  | { readonly kind: 'refused'; readonly error: Error };

const EXECUTED: Outcome = { kind: 'executed' };
const QUEUED: Outcome = { kind: 'queued' };

/** The error of `commandTimeout`, after which the server may still run the command. */
const TIMEOUT = /^Command timed out/;

/**
 * Calls `listener` once with the outcome of a command, just before its promise settles. The promise itself would not tell a
 * reply from `commandTimeout`, after which the reply may still come.
 */
export function whenReplied(command: SentCommand, listener: (outcome: Outcome) => void): void {
  const { resolve, reject } = command;
  let isKnown = false;
  function tell(outcome: Outcome): void {
    if (isKnown) return;
    isKnown = true;
    listener(outcome);
  }
  command.resolve = (reply) => {
    tell(isQueuedReply(reply) ? QUEUED : EXECUTED);
    return resolve.call(command, reply);
  };
  command.reject = (error) => {
    if (!TIMEOUT.test(error.message)) tell({ kind: 'refused', error });
    reject.call(command, error);
  };
}

/** Whether a reply says that its command has become a step of a transaction. */
function isQueuedReply(reply: unknown): boolean {
  return (
    (typeof reply === 'string' || Buffer.isBuffer(reply)) && reply.length === 6 && String(reply) === 'QUEUED'
  );
}

/** Refusals of EXEC with which a server discards the transaction and forgets what is watched. */
const DISCARDED = /^(EXECABORT|MOVED|ASK|TRYAGAIN|CROSSSLOT|CLUSTERDOWN)/;

/** The refusal of an EXEC or DISCARD for which there is no transaction. What is watched stays watched. */
const NO_TRANSACTION = /^ERR (EXEC|DISCARD) without MULTI/;

/**
 * What the outcome of EXEC, DISCARD or RESET says of the connection. `ended`: neither a transaction nor a WATCH is left.
 * `none`: there is no transaction. `open`: a transaction may still be open.
 */
export function transactionAfter(outcome: Outcome): 'ended' | 'none' | 'open' {
  if (outcome.kind === 'executed') return 'ended';
  if (outcome.kind === 'queued') return 'open';
  if (outcome.error instanceof HygieneError) return 'ended'; // rejected by us, and discarded or cut off on the server
  if (DISCARDED.test(outcome.error.message)) return 'ended';
  return NO_TRANSACTION.test(outcome.error.message) ? 'none' : 'open';
}
