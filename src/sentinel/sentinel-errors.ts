import { HygieneError, type HygieneErrorCode } from '../core/errors.js';
import { type NodeAddress, formatAddress } from './sentinel-replies.js';

/** What a sentinel has said explains more than that another one said nothing. */
const TELLING: readonly HygieneErrorCode[] = [
  'HYG_REPLICA_UNAVAILABLE',
  'HYG_MASTER_UNKNOWN',
  'HYG_AUTH_REFUSED',
];

function why({ message, name, ...error }: NodeJS.ErrnoException): string {
  return message || (error.code ?? name);
}

export function masterUnknown(master: string): HygieneError {
  return new HygieneError('HYG_MASTER_UNKNOWN', `No sentinel that answers knows a master "${master}".`, {
    details: { master },
  });
}

export function replicaUnavailable(master: string): HygieneError {
  return new HygieneError(
    'HYG_REPLICA_UNAVAILABLE',
    `The sentinels know no replica of "${master}" that is up.`,
    {
      details: { master },
    },
  );
}

/** The factory shuts down: the sentinels are not to blame. */
export function searchGivenUp(master: string): HygieneError {
  return new HygieneError('HYG_SHUT_DOWN', `A client was still looking for "${master}".`, {
    details: { master },
  });
}

/** A function of the application (`natMap`, `preferredSlaves`) has thrown. */
export function optionFailure(master: string, error: Error): HygieneError {
  return new HygieneError(
    'HYG_SENTINEL_UNREACHABLE',
    `natMap or preferredSlaves threw while "${master}" was looked for: ${why(error)}.`,
    { details: { master }, cause: error },
  );
}

/** One sentinel did not help. */
export function sentinelFailure(master: string, { sentinel, error }: SentinelFailure): HygieneError {
  if (error instanceof HygieneError) return error;
  const address = formatAddress(sentinel);
  return new HygieneError(
    'HYG_SENTINEL_UNREACHABLE',
    `The sentinel ${address} did not tell where "${master}" is: ${why(error)}.`,
    { details: { master, sentinel: address }, cause: error },
  );
}

/** None of them did. */
export function roundFailure(master: string, failures: readonly SentinelFailure[]): HygieneError {
  const errors = failures.map(({ error }) => error);
  const coded = errors.filter((error) => error instanceof HygieneError);
  const [telling] = TELLING.flatMap((code) => coded.filter((error) => error.code === code));
  if (telling) return telling;
  const sentinels = failures.map(({ sentinel, error }) => `${formatAddress(sentinel)} (${why(error)})`);
  return new HygieneError(
    'HYG_SENTINEL_UNREACHABLE',
    `None of ${failures.length} sentinels told where "${master}" is: ${sentinels.join(', ')}.`,
    { details: { master, sentinels }, cause: errors[0] },
  );
}

/** A sentinel that did not help, and why. */
export interface SentinelFailure {
  readonly sentinel: NodeAddress;
  readonly error: Error;
}
