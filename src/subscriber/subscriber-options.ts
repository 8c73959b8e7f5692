import type { RedisOptions } from 'ioredis';
import type { SubscriptionKind } from '../connect/client/subscription-connection.js';
import { textOf } from '../core/byte-text.js';
import { HygieneError } from '../core/errors.js';
import { checkInteger, checkOptionNames, optionTypeError } from '../options/check-options.js';

export interface SubscriberOptions {
  /**
   * URL or ioredis options, merged over the factory's `connection` as in `client(…)`. With a `retryStrategy` that
   * returns no number, the subscriber gives up reconnecting.
   */
  readonly connection?: string | RedisOptions | undefined;
  /** Purpose of the subscriber: the part of its connection name after `#`. @default 'subscriber' */
  readonly role?: string | undefined;
}

/** Which messages are dropped when they arrive faster than they are read. */
export type DropPolicy = 'oldest' | 'newest';

export interface MessagesOptions {
  /** Whether the names are channels, patterns or shard channels. @default 'channel' */
  readonly kind?: SubscriptionKind | undefined;
  /** Whether messages are text or the raw bytes. @default 'utf8' */
  readonly encoding?: 'utf8' | 'buffer' | undefined;
  /** Maximum number of messages that are buffered for a slow reader, 1 to 1 000 000. @default 1000 */
  readonly limit?: number | undefined;
  /** Which messages are dropped, and counted, when the buffer is full. @default 'oldest' */
  readonly drop?: DropPolicy | undefined;
}

/** A name as the application passes it. Bytes need not be UTF-8. */
export type GivenName = string | Uint8Array;

/** The options of messages(), checked and complete. */
export type CheckedMessagesOptions = {
  readonly [Name in keyof MessagesOptions]-?: NonNullable<MessagesOptions[Name]>;
};

/** Names as the application passes them: one by one, or in arrays. */
export type GivenNames = readonly (GivenName | readonly GivenName[])[];

/** Range of `limit`, in messages. */
const MESSAGE_LIMIT = { default: 1_000, min: 1, max: 1_000_000 };

/** Checks the options of subscriber(). @throws HygieneError `HYG_OPTION_…` */
export function checkSubscriberOptions(options: SubscriberOptions): SubscriberOptions {
  checkOptionNames('subscriber()', options, ['connection', 'role']);
  const { role } = options;
  if (role !== undefined && (typeof role !== 'string' || role === '')) {
    throw optionTypeError('role', role, 'a non-empty string');
  }
  return options;
}

/** Checks the options of messages() and fills in the defaults. @throws HygieneError `HYG_OPTION_…` */
export function checkMessagesOptions(options: MessagesOptions): CheckedMessagesOptions {
  checkOptionNames('messages()', options, ['kind', 'encoding', 'limit', 'drop']);
  const { kind = 'channel', encoding = 'utf8', limit = MESSAGE_LIMIT.default, drop = 'oldest' } = options;
  return {
    kind: checkOneOf('kind', kind, ['channel', 'pattern', 'shard']),
    encoding: checkOneOf('encoding', encoding, ['utf8', 'buffer']),
    limit: checkInteger('limit', limit, MESSAGE_LIMIT),
    drop: checkOneOf('drop', drop, ['oldest', 'newest']),
  };
}

function checkOneOf<Value extends string>(option: string, given: unknown, allowed: readonly Value[]): Value {
  const value = allowed.find((candidate) => candidate === given);
  if (value === undefined) {
    const expected = allowed.map((candidate) => `"${candidate}"`).join(' or ');
    throw optionTypeError(option, given, expected);
  }
  return value;
}

/** Checks that at least one name is given and that each is text or bytes. @throws HygieneError `HYG_OPTION_TYPE` */
export function checkChannels(option: string, given: GivenNames): string[] {
  const names: unknown[] = given.flat();
  if (names.length === 0) {
    const what = `No ${option} were given, expected at least one.`;
    throw new HygieneError('HYG_OPTION_TYPE', what, { details: { option } });
  }
  return names.map((name) => {
    if (typeof name === 'string') return name;
    if (name instanceof Uint8Array) return textOf(Buffer.from(name));
    throw optionTypeError(option, name, 'names, each of them a string or a Buffer');
  });
}
