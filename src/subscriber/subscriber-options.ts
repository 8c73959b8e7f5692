import type { RedisOptions } from 'ioredis';
import type { SubscriptionKind } from '../connect/client/subscription-connection.js';
import { HygieneError } from '../core/errors.js';
import { checkInteger, checkNames, wrongType } from '../options/check-options.js';

export interface SubscriberOptions {
  /**
   * Over the factory's `connection`, as in `client(…)`: a URL or ioredis options. A `retryStrategy` that gives no
   * number is how a subscriber is told to give up.
   */
  readonly connection?: string | RedisOptions;
  /** What it is for, the part of its name after `#`. @default 'subscriber' */
  readonly role?: string;
}

export interface MessagesOptions {
  /** Whether the names are channels, patterns or shard channels. @default 'channel' */
  readonly kind?: SubscriptionKind;
  /** What a message is given as: text, or the bytes as they came. @default 'utf8' */
  readonly encoding?: 'utf8' | 'buffer';
  /** How many messages wait for a slow reader at most, 1 to 1 000 000. @default 1000 */
  readonly limit?: number;
  /** Which messages are thrown away, and counted, beyond that. @default 'oldest' */
  readonly drop?: DropPolicy;
}

const LIMIT = { default: 1_000, min: 1, max: 1_000_000 };

function checkOneOf<Value extends string>(option: string, given: unknown, allowed: readonly Value[]): Value {
  const value = allowed.find((one) => one === given);
  if (value === undefined) throw wrongType(option, given, allowed.map((one) => `"${one}"`).join(' or '));
  return value;
}

/** The options of messages(), checked and complete. @throws HygieneError `HYG_OPTION_…` */
export function checkMessagesOptions(options: MessagesOptions): Required<MessagesOptions> {
  checkNames('messages()', options, ['kind', 'encoding', 'limit', 'drop']);
  const { kind = 'channel', encoding = 'utf8', limit = LIMIT.default, drop = 'oldest' } = options;
  return {
    kind: checkOneOf('kind', kind, ['channel', 'pattern', 'shard']),
    encoding: checkOneOf('encoding', encoding, ['utf8', 'buffer']),
    limit: checkInteger('limit', limit, LIMIT),
    drop: checkOneOf('drop', drop, ['oldest', 'newest']),
  };
}

/** @throws HygieneError `HYG_OPTION_…` */
export function checkSubscriberOptions(options: SubscriberOptions): SubscriberOptions {
  checkNames('subscriber()', options, ['connection', 'role']);
  const { role } = options;
  if (role !== undefined && (typeof role !== 'string' || role === '')) {
    throw wrongType('role', role, 'a word');
  }
  return options;
}

/** Names as they are given: one by one, or in an array. */
export type GivenNames = readonly (string | readonly string[])[];

/** At least one name, each of them text. @throws HygieneError `HYG_OPTION_TYPE` */
export function checkChannels(option: string, given: GivenNames): string[] {
  const names: unknown[] = given.flat();
  if (names.length === 0) {
    const what = `No ${option} were given, expected at least one.`;
    throw new HygieneError('HYG_OPTION_TYPE', what, { details: { option } });
  }
  const odd = names.findIndex((name) => typeof name !== 'string');
  if (odd >= 0) throw wrongType(option, names[odd], 'names, each of them a string');
  return names as string[];
}

/** What is thrown away when messages come faster than they are read. */
export type DropPolicy = 'oldest' | 'newest';
