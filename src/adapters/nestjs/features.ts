import type { RedisOptions } from 'ioredis';
import { captureCallSite } from '../../ledger/call-site.js';
import { checkOptionNames, optionTypeError } from '../../options/check-options.js';
import { settingTable } from '../../options/settings.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import type { SubscriberOptions } from '../../subscriber/subscriber-options.js';
import { DEFAULT_NAME, getPoolToken, getRedisToken, getSubscriberToken } from './tokens.js';

interface Named {
  /** Name by which it is injected, and the role in the names of its connections. @default 'default' */
  readonly name?: string | undefined;
}

/** A client, injected by `@InjectRedis(name)`. */
export interface ClientFeature extends Named {
  /** ioredis options, added to the `connection` of the factory. */
  readonly client?: RedisOptions | undefined;
  readonly pool?: undefined;
  readonly subscriber?: undefined;
}

/** A pool, injected by `@InjectPool(name)`. */
export interface PoolFeature extends Named {
  /** Options of `factory.pool()`. */
  readonly pool: PoolOptions;
  readonly client?: undefined;
  readonly subscriber?: undefined;
}

/** A subscriber, injected by `@InjectSubscriber(name)`. */
export interface SubscriberFeature extends Named {
  /** Options of `factory.subscriber()`. */
  readonly subscriber: SubscriberOptions;
  readonly client?: undefined;
  readonly pool?: undefined;
}

/** What `forFeature()` opens. Several modules may ask for the same one, and share it. */
export type RedisFeature = ClientFeature | PoolFeature | SubscriberFeature;

const KINDS = ['client', 'pool', 'subscriber'] as const;

/** What a feature is. */
type FeatureKind = (typeof KINDS)[number];

const tokenOf: Readonly<Record<FeatureKind, (name: string) => symbol>> = {
  client: getRedisToken,
  pool: getPoolToken,
  subscriber: getSubscriberToken,
};

/** A feature, checked and complete. */
export interface CheckedFeature {
  readonly kind: FeatureKind;
  readonly name: string;
  readonly token: symbol;
  readonly options: object;
  /** The line that asks for it. */
  readonly callSite: readonly string[];
}

/** @throws HygieneError `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE` */
export function checkFeatures(features: readonly RedisFeature[]): readonly CheckedFeature[] {
  const callSite = captureCallSite(settingTable.callSiteFrames.default);
  if (!Array.isArray(features)) throw optionTypeError('forFeature()', features, 'an array of features');
  return features.map((feature: RedisFeature) => checkFeature(feature, callSite));
}

/** Checks one feature. */
export function checkFeature(feature: RedisFeature, callSite: readonly string[] = []): CheckedFeature {
  checkOptionNames('forFeature()', feature, ['name', ...KINDS]);
  const { name = DEFAULT_NAME } = feature;
  if (typeof name !== 'string' || name === '') throw optionTypeError('name', name, 'a non-empty string');
  const given = KINDS.filter((kind) => feature[kind] !== undefined);
  if (given.length > 1) {
    throw optionTypeError(
      `feature "${name}"`,
      feature,
      `one of ${KINDS.join(', ')}, not ${given.join(' and ')}`,
    );
  }
  const [kind = 'client'] = given;
  const options = feature[kind] ?? {};
  checkPlainObject(kind, options);
  return { kind, name, token: tokenOf[kind](name), options, callSite };
}

function checkPlainObject(option: string, value: unknown): void {
  if (typeof value === 'object' && !Array.isArray(value)) return;
  throw optionTypeError(option, value, 'an object with options');
}
