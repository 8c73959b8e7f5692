import { HygieneError, type HygieneErrorCode } from '../core/errors.js';
import { type NodeAddress, formatAddress } from './sentinel-replies.js';

/** A sentinel that could not answer a query, and the reason. */
export interface SentinelFailure {
  readonly sentinel: NodeAddress;
  readonly error: Error;
}

export function masterUnknownError(master: string): HygieneError {
  return new HygieneError('HYG_MASTER_UNKNOWN', `The sentinels know no master named "${master}".`, {
    details: { master },
  });
}

export function replicaUnavailableError(master: string): HygieneError {
  return new HygieneError(
    'HYG_REPLICA_UNAVAILABLE',
    `The sentinels know no replica of "${master}" that is up.`,
    {
      details: { master },
    },
  );
}

/** Error of a search that ends because the factory shuts down. The sentinels may be healthy. */
export function searchAbortedError(master: string): HygieneError {
  return new HygieneError('HYG_SHUT_DOWN', `A client was still asking the sentinels for "${master}".`, {
    details: { master },
  });
}

/** Error of a search in which the application's own function (`natMap` or `preferredSlaves`) has thrown. */
export function optionThrewError(master: string, error: Error): HygieneError {
  return new HygieneError(
    'HYG_SENTINEL_UNREACHABLE',
    `natMap or preferredSlaves threw during the search for "${master}": ${reasonOf(error)}.`,
    { details: { master }, cause: error },
  );
}

/** Error for one sentinel that could not answer, reported while the other sentinels are asked. */
export function sentinelFailedError(master: string, { sentinel, error }: SentinelFailure): HygieneError {
  if (error instanceof HygieneError) return error;
  const address = formatAddress(sentinel);
  return new HygieneError(
    'HYG_SENTINEL_UNREACHABLE',
    `The sentinel ${address} did not answer where "${master}" is: ${reasonOf(error)}.`,
    { details: { master, sentinel: address }, cause: error },
  );
}

/** Codes of errors that say more than "no answer", the most specific one first. */
const SPECIFIC_CODES: readonly HygieneErrorCode[] = [
  'HYG_REPLICA_UNAVAILABLE',
  'HYG_MASTER_UNKNOWN',
  'HYG_AUTH_REFUSED',
];

/**
 * Error of a round in which no sentinel could answer: the most specific one of theirs, or a list of all reasons. The list
 * begins with the words of ioredis, by which programs recognise this error.
 */
export function allSentinelsFailedError(master: string, failures: readonly SentinelFailure[]): HygieneError {
  const errors = failures.map(({ error }) => error);
  const coded = errors.filter((error) => error instanceof HygieneError);
  const [specific] = SPECIFIC_CODES.flatMap((code) => coded.filter((error) => error.code === code));
  if (specific) return specific;
  const sentinels = failures.map(({ sentinel, error }) => `${formatAddress(sentinel)} (${reasonOf(error)})`);
  return new HygieneError(
    'HYG_SENTINEL_UNREACHABLE',
    `All sentinels are unreachable: none of ${failures.length} answered where "${master}" is: ${sentinels.join(', ')}.`,
    { details: { master, sentinels }, cause: errors[0] },
  );
}

function reasonOf({ message, name, ...error }: NodeJS.ErrnoException): string {
  return message || (error.code ?? name);
}
