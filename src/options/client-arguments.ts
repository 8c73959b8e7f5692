import type { RedisOptions } from 'ioredis';
import { wrongType } from './check-options.js';
import { impliesTls, isPort, parseConnectionString } from './connection-url.js';

/** The arguments of `new Redis(…)`, in every form: port, host, URL, path, options. */
export type ClientArguments = readonly (string | number | RedisOptions | null | undefined)[];

/** Keys that say where a connection goes. */
const ADDRESS_KEYS = ['host', 'port', 'path', 'family', 'sentinels', 'name'] as const;
/** Keys that say as whom: they must not follow a client to another address. */
const CREDENTIAL_KEYS = [
  'username',
  'password',
  'tls',
  'sentinelUsername',
  'sentinelPassword',
  'sentinelTLS',
] as const;

/** All that an options object says, what it inherits included, as ioredis reads it. */
function everyOption(options: RedisOptions): RedisOptions {
  const all: Record<string, unknown> = {};
  for (const key in options) all[key] = options[key as keyof RedisOptions];
  return all;
}

function readArgument(argument: unknown): RedisOptions {
  if (argument === null || argument === undefined) return {};
  if (typeof argument === 'number') return { port: argument };
  if (typeof argument === 'string') return parseConnectionString(argument);
  if (typeof argument === 'object') return everyOption(argument);
  throw wrongType('the argument of client()', argument, 'a URL, a port, a host, a path or ioredis options');
}

function withoutUndefined(options: RedisOptions): RedisOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/**
 * Folds the arguments into one object. As in ioredis the first mention wins, but a number is always the port,
 * and `rediss://` asks for TLS only where no `tls` options are given.
 */
function foldArguments(args: ClientArguments): RedisOptions {
  const port = args.find((argument) => typeof argument === 'number');
  const folded = args
    .map(readArgument)
    .reduceRight<RedisOptions>((rest, one) => ({ ...rest, ...withoutUndefined(one) }), {});
  return {
    ...(args.some(impliesTls) ? { tls: {} } : {}),
    ...folded,
    ...(port === undefined ? {} : { port }),
  };
}

function omit(options: RedisOptions, keys: readonly (keyof RedisOptions)[]): RedisOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([key]) => !keys.includes(key as keyof RedisOptions)),
  );
}

/** Where options lead, for comparison; what is not said is ioredis' default. */
function addressOf({ host, port, path, sentinels, name }: RedisOptions): string {
  return JSON.stringify([host ?? 'localhost', String(port ?? 6379), path ?? '', sentinels ?? [], name ?? '']);
}

/** A URL, a host or a path says all of an address; a port alone does not. */
function isWholeAddress(argument: unknown): boolean {
  return typeof argument === 'string' && !isPort(argument);
}

/**
 * The caller's ioredis options for one client: its arguments over the factory's `connection`. Arguments that lead
 * to another address do not inherit the credentials, so that a password never goes to a server it was not meant
 * for; everything else is added.
 */
export function readClientArguments(
  connection: string | RedisOptions | undefined,
  args: ClientArguments,
): RedisOptions {
  const base = foldArguments([connection]);
  const own = foldArguments(args);
  const added = { ...base, ...own };
  const isWhole = args.some(isWholeAddress);
  if (!isWhole && addressOf(added) === addressOf(base)) return added;
  const namesHost = isWhole || Boolean(own.host ?? own.path ?? own.sentinels);
  return { ...omit(base, namesHost ? [...CREDENTIAL_KEYS, ...ADDRESS_KEYS] : CREDENTIAL_KEYS), ...own };
}
