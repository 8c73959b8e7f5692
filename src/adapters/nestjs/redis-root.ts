import { isDeepStrictEqual } from 'node:util';
import type { Redis } from 'ioredis';
import { createDeadline, systemClock } from '../../core/clock.js';
import { HygieneError } from '../../core/errors.js';
import { createRedisFactory, openClientAt, type RedisFactory } from '../../factory/factory.js';
import { optionTypeError } from '../../options/check-options.js';
import type { FactoryOptions } from '../../options/factory-options.js';
import type { Pool } from '../../pool/pool.js';
import { isStopping } from '../../shutdown/shutdown-hooks.js';
import type { Subscriber } from '../../subscriber/subscriber.js';
import { checkGivenFactory, closeClients } from '../given-factory.js';
import { type CheckedFeature, checkFeature } from './features.js';
import { DEFAULT_NAME, getRedisToken, isInjected } from './tokens.js';

/** Options of `RedisHygieneModule.forRoot()`: those of `createRedisFactory()`, or a factory. */
export interface RedisHygieneModuleOptions extends FactoryOptions {
  /** A factory of the application, which closes it. Then no other option may be given. */
  readonly factory?: RedisFactory | undefined;
}

/** The factory of an application, and what its modules have opened. Nest calls `onApplicationShutdown()`. */
export interface RedisRoot {
  readonly factory: RedisFactory;
  /**
   * Opens a feature, or returns what another module has opened with the same name and options.
   *
   * @throws HygieneError `HYG_NEST_CONFLICT`, and those of the factory
   */
  open(feature: CheckedFeature): Redis | Pool | Subscriber;
  /** Returns the client of `forRoot()`, which dials at once if a class asks for it, and else with its first command. */
  openDefault(): Redis | Pool | Subscriber;
  /** Closes what was opened here: after the HTTP server and all modules, which is the order of Nest. */
  onApplicationShutdown(): Promise<void>;
}

/** An open feature. */
type OpenFeature = { readonly feature: CheckedFeature } & (
  | { readonly isClient: true; readonly opened: Redis }
  | { readonly isClient: false; readonly opened: Pool | Subscriber }
);

/** @throws HygieneError `HYG_OPTION_TYPE`, and those of `createRedisFactory()` */
export function createRoot(rootOptions: RedisHygieneModuleOptions): RedisRoot {
  checkRootOptions(rootOptions);
  const { factory: given, ...options } = rootOptions;
  if (given !== undefined) checkGivenFactory(given, options);
  const factory = given ?? createRedisFactory(options);
  const features = new Map<symbol, OpenFeature>();

  function open(feature: CheckedFeature): Redis | Pool | Subscriber {
    const known = features.get(feature.token);
    if (known) return checkSame(known, feature).opened;
    const one = openFeature(factory, feature);
    features.set(feature.token, one);
    return one.opened;
  }

  /** Nest calls no hook of an application that does not start. */
  function openOrClose(feature: CheckedFeature): Redis | Pool | Subscriber {
    try {
      return open(feature);
    } catch (error) {
      if (!given) void factory.shutdown();
      throw error;
    }
  }

  return {
    factory,
    open: openOrClose,
    openDefault: () =>
      open(checkFeature({ client: isInjected(getRedisToken()) ? {} : { lazyConnect: true } })),
    async onApplicationShutdown() {
      if (isStopping(factory.settings)) return; // the hooks close Redis when the application has stopped
      if (!given) return void (await factory.shutdown());
      await closeOpened([...features.values()], factory.settings.shutdownTimeoutMs);
    },
  };
}

/** Checks that there are options at all: a `useFactory` may have returned nothing. */
function checkRootOptions(options: unknown): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  const expected = 'an object: what useFactory or createRedisOptions() returns';
  throw optionTypeError('options of forRoot() or forRootAsync()', options, expected);
}

function checkSame(known: OpenFeature, { kind, name, options }: CheckedFeature): OpenFeature {
  if (isDeepStrictEqual(known.feature.options, options)) return known;
  const { callSite } = known.feature;
  const place = callSite.length > 0 ? `, at ${callSite[0]}` : '';
  const what = `Two modules ask for the ${kind} "${name}" with different options. Another one has opened it${place}.`;
  throw new HygieneError('HYG_NEST_CONFLICT', what, { details: { kind, name } });
}

function openFeature(factory: RedisFactory, feature: CheckedFeature): OpenFeature {
  const { kind, name, options, callSite } = feature;
  const isNamed = name !== DEFAULT_NAME;
  if (kind === 'client') {
    const named = isNamed ? { connectionName: name } : {};
    const client = openClientAt(factory, callSite, { ...named, ...options });
    return { feature, isClient: true, opened: client };
  }
  const opened = factory[kind]({ ...(isNamed ? { role: name } : {}), ...options });
  return { feature, isClient: false, opened };
}

/** Closes what was opened of a factory that stays open. */
async function closeOpened(features: readonly OpenFeature[], timeoutMs: number): Promise<void> {
  const clients = features.flatMap((one) => (one.isClient ? [one.opened] : []));
  const others = features.flatMap((one) => (one.isClient ? [] : [one.opened.close()]));
  await Promise.all([
    closeClients(clients, timeoutMs),
    createDeadline(systemClock, timeoutMs).race(Promise.all(others)),
  ]);
}
