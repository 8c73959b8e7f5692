import type { RedisOptions } from 'ioredis';
import { checkPlainOptions, optionTypeError } from './check-options.js';
import { checkNotEmpty, impliesTls, isPort, parseConnectionString } from './connection-url.js';

/** The arguments of `new Redis(…)`, in every form: port, host, URL, path, options. */
export type ClientArguments = readonly (string | number | RedisOptions | null | undefined)[];

/** Options that make up the address of a server. */
const ADDRESS_KEYS = ['host', 'port', 'path', 'family', 'sentinels', 'name'] as const;

/** Options that authenticate at a server. They must not be sent to another address. */
const CREDENTIAL_KEYS = [
  'username',
  'password',
  'tls',
  'sentinelUsername',
  'sentinelPassword',
  'sentinelTLS',
] as const;

/**
 * Merges the arguments of one client with the `connection` of its factory into ioredis options. If the arguments name
 * another address, the client does not inherit the credentials of `connection`, so that a password is never sent to
 * a server that it was not meant for. All other options are inherited.
 */
export function readClientArguments(
  connection: string | RedisOptions | undefined,
  given: ClientArguments,
): RedisOptions {
  const args = given.map(urlText);
  const base = foldArguments([urlText(connection)]);
  const own = foldArguments(args);
  const merged = { ...base, ...own };
  const hasWholeAddress = args.some(isWholeAddress);
  if (!hasWholeAddress && addressOf(merged) === addressOf(base)) return merged;
  const namesHost = hasWholeAddress || Boolean(own.host ?? own.path ?? own.sentinels);
  return { ...omit(base, namesHost ? [...CREDENTIAL_KEYS, ...ADDRESS_KEYS] : CREDENTIAL_KEYS), ...own };
}

/** Arguments as ioredis itself takes them: those URLs are parsed that it does not know. */
export function plainArguments(given: ClientArguments): ClientArguments {
  const isOfOurs = (argument: unknown) =>
    typeof argument === 'string' && /^\s*(valkeys?|unix):\/\//i.test(argument);
  return given.map((argument) => (isOfOurs(argument) ? foldArguments([argument]) : argument));
}

/** The text of a URL object, whose properties ioredis would take for options. */
function urlText(argument: ClientArguments[number]): ClientArguments[number] {
  return argument instanceof URL ? argument.href : argument;
}

/**
 * Merges arguments into one object, as ioredis does. The first argument that has an option wins, but a number is always
 * the port. `rediss://` and `valkeys://` enable TLS unless there are `tls` options.
 */
function foldArguments(args: ClientArguments): RedisOptions {
  const port = args.find((argument) => typeof argument === 'number');
  const folded = args
    .map(readArgument)
    .reduceRight<RedisOptions>((later, argument) => ({ ...later, ...withoutUndefined(argument) }), {});
  if (!(folded.host ?? folded.path ?? folded.sentinels)) args.forEach(checkNotEmpty);
  return {
    ...(args.some(impliesTls) ? { tls: {} } : {}),
    ...folded,
    ...(port === undefined ? {} : { port }),
  };
}

function readArgument(argument: unknown): RedisOptions {
  if (argument === null || argument === undefined) return {};
  if (typeof argument === 'number') return { port: argument };
  if (typeof argument === 'string') return parseConnectionString(argument);
  if (typeof argument === 'object') return withInherited(argument);
  throw optionTypeError(
    'the argument of client()',
    argument,
    'a URL, a port, a host, a path or ioredis options',
  );
}

/** Copies all enumerable properties, inherited ones included, because ioredis reads those too. */
function withInherited(options: RedisOptions): RedisOptions {
  checkPlainOptions('the argument of client()', options);
  const copy: Record<string, unknown> = {};
  for (const key in options) copy[key] = options[key as keyof RedisOptions];
  return copy;
}

function withoutUndefined(options: RedisOptions): RedisOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function omit(options: RedisOptions, keys: readonly (keyof RedisOptions)[]): RedisOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([key]) => !keys.includes(key as keyof RedisOptions)),
  );
}

/** The address in options as a text for comparison. Missing parts have ioredis' defaults. */
function addressOf({ host, port, path, sentinels, name }: RedisOptions): string {
  return JSON.stringify([host ?? 'localhost', String(port ?? 6379), path ?? '', sentinels ?? [], name ?? '']);
}

/** A URL, a host or a path is a whole address. A port alone is not. */
function isWholeAddress(argument: unknown): boolean {
  return typeof argument === 'string' && !isPort(argument);
}
