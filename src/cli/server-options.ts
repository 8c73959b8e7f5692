import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { HygieneError } from '../core/errors.js';
import { parseDuration } from '../doctor/text/quantities.js';
import { type ServerEndpoint, parseServerEndpoint } from '../doctor/server/server-endpoint.js';
import type { CommandIo } from './command-io.js';

/** The options that say which servers are asked, and how; those of redis-cli have its names. */
export interface ServerOptions {
  readonly host?: string;
  readonly port?: string;
  readonly socket?: string;
  readonly uri?: string;
  readonly user?: string;
  readonly pass?: string;
  readonly tls?: true;
  readonly sni?: string;
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: true;
  readonly sentinel: readonly string[];
  readonly master?: string;
  readonly cluster: boolean;
  readonly wait: number;
  readonly timeout: number;
}

const SENTINEL_PORT = 26_379;

/** Longer than this, a timer of JavaScript fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Reads an option that is a length of time. Gives milliseconds. */
function durationMs(text: string): number {
  const duration = parseDuration(text, 's');
  if (!duration) throw new InvalidArgumentError('Expected a length of time such as 500ms, 10s, 30m or 2h.');
  if (duration.ms > MAX_TIMER_MS) throw new InvalidArgumentError('Expected 24 days at most.');
  return duration.ms;
}

/** Reads an option that is a length of time of a second or more: what a server tells has no finer grain. */
export function secondsMs(text: string): number {
  const ms = durationMs(text);
  if (ms < 1000) throw new InvalidArgumentError('Expected a second or more, such as 15s or 30m.');
  return ms;
}

/** Reads how long something may take: not nothing. */
export function limitMs(text: string): number {
  const ms = durationMs(text);
  if (ms < 1) throw new InvalidArgumentError('Expected a length of time above 0, such as 500ms or 10s.');
  return ms;
}

/** An option that is a length of time, with a default that the help shows as people write it. */
export function timeOption(
  flags: string,
  description: string,
  standard: string,
  read: (text: string) => number = durationMs,
): Option {
  return new Option(flags, description).argParser(read).default(read(standard), standard);
}

/** An option that may be repeated. */
export function listOption(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`)
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], 'none');
}

/** Reads an option that is a whole number from 1. */
export function positive(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('Expected a whole number from 1.');
  return number;
}

/** Adds the options to a command. */
export function addServerOptions(command: Command): Command {
  return command
    .optionsGroup('Servers:')
    .option('-u, --uri <uri>', 'another way to give a URL')
    .option('-h, --host <host>', 'host of the server (default: 127.0.0.1)')
    .option('-p, --port <port>', 'port of the server (default: 6379)')
    .option('-s, --socket <path>', 'unix socket of the server')
    .option('--user <name>', 'ACL user')
    .option('-a, --pass <password>', 'password; REDISCLI_AUTH or the URL keep it out of the process list')
    .option('--tls', 'connect with TLS')
    .option('--sni <name>', 'server name for TLS')
    .option('--cacert <file>', 'certificate of the authority that the server must be signed by')
    .option('--cert <file>', 'certificate of this client')
    .option('--key <file>', 'private key of this client')
    .option('--insecure', 'accept any certificate')
    .addOption(listOption('--sentinel <address>', 'find the servers through a sentinel'))
    .option('--master <name>', 'only the servers of this master (default: all that the sentinel watches)')
    .option('--no-cluster', 'ask only the given node of a Cluster')
    .addOption(timeOption('--wait <time>', 'at a full server, try again for this long', '0s'))
    .addOption(timeOption('--timeout <time>', 'longest wait for a connection or an answer', '10s', limitMs));
}

function read(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new HygieneError('HYG_CLI_FILE', `${path} cannot be read.`, { cause });
  }
}

/** @throws HygieneError `HYG_CLI_FILE` */
export function tlsOptions({ sni, cacert, cert, key, insecure }: ServerOptions): ConnectionOptions {
  const [ca, certificate, privateKey] = [read(cacert), read(cert), read(key)];
  return {
    ...(sni !== undefined && { servername: sni }),
    ...(ca && { ca }),
    ...(certificate && { cert: certificate }),
    ...(privateKey && { key: privateKey }),
    ...(insecure && { rejectUnauthorized: false }),
  };
}

/** What a URL does not say is filled in from the options and the environment, as redis-cli does it. */
function completed(
  address: ServerEndpoint,
  { user, pass, tls }: ServerOptions,
  env: CommandIo['env'],
): ServerEndpoint {
  const username = address.username ?? user;
  const password = address.password ?? pass ?? env['REDISCLI_AUTH'];
  return {
    place: address.place,
    tls: address.tls || tls === true,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

function written(urls: readonly string[], options: ServerOptions, env: CommandIo['env']): readonly string[] {
  const { host, port, socket, uri } = options;
  const given = [...urls, ...(uri === undefined ? [] : [uri])];
  if (given.length > 0) return given;
  if (socket !== undefined) return [resolve(socket)]; // a relative path would be taken for a host
  if (host === undefined && port === undefined) return [env['REDIS_URL'] ?? '127.0.0.1'];
  const name = host ?? '127.0.0.1';
  return [`${name.includes(':') ? `[${name}]` : name}:${port ?? 6379}`];
}

/** The servers that are named; where none is, `REDIS_URL`, else 127.0.0.1:6379. */
export function addresses(
  urls: readonly string[],
  options: ServerOptions,
  env: CommandIo['env'],
): ServerEndpoint[] {
  return written(urls, options, env).map((text) => completed(parseServerEndpoint(text), options, env));
}

/** `--host` and its like name a server of data; beside a sentinel nobody would ask it. */
function refuseServer({ host, port, socket, uri }: ServerOptions): void {
  const [option] = Object.entries({ host, port, socket, uri }).find(([, given]) => given !== undefined) ?? [];
  if (option === undefined) return;
  throw new HygieneError(
    'HYG_CLI_USAGE',
    `--${option} and --sentinel exclude each other. Write the sentinel as --sentinel host:port, and a server that is to be asked besides as a URL without an option.`,
  );
}

/**
 * The sentinels that are named. Theirs is port 26379, and credentials of their own.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function sentinelAddresses(options: ServerOptions, env: CommandIo['env']): ServerEndpoint[] {
  if (options.sentinel.length > 0) refuseServer(options);
  return options.sentinel.map((text) => completed(parseServerEndpoint(text, SENTINEL_PORT), options, env));
}
