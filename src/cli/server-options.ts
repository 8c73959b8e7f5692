import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { HygieneError } from '../core/errors.js';
import { parseDuration } from '../doctor/text/quantities.js';
import {
  type ServerAccess,
  type ServerEndpoint,
  parseServerEndpoint,
} from '../doctor/server/server-endpoint.js';
import type { CommandIo } from './command-io.js';

/** Options that name servers and how to connect to them. Options that redis-cli has too have the same names. */
export interface ServerOptions {
  readonly host?: string;
  readonly port?: string;
  readonly socket?: string;
  readonly uri?: string;
  readonly user?: string;
  readonly pass?: string;
  /** Also for servers that a sentinel names. `undefined`: only for URLs that say so. */
  readonly tls?: boolean;
  readonly sni?: string;
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: true;
  readonly sentinel: readonly string[];
  readonly sentinelUser?: string;
  readonly sentinelPass?: string;
  readonly master?: string;
  readonly cluster: boolean;
  readonly follow?: true;
  readonly wait: number;
  readonly timeout: number;
}

/** Adds the server options to a command. */
export function addServerOptions(command: Command): Command {
  return command
    .optionsGroup('Servers:')
    .option('-u, --uri <uri>', 'another way to give a URL')
    .option('-h, --host <host>', 'host of the server (default: 127.0.0.1)')
    .option('-p, --port <port>', 'port of the server (default: 6379)')
    .option('-s, --socket <path>', 'unix socket of the server')
    .option('--user <name>', 'ACL user')
    .option(
      '-a, --pass <password>',
      'password, visible in the process list; REDISCLI_AUTH and REDIS_URL are not',
    )
    .option('--tls', 'connect with TLS, also to servers that a sentinel names')
    .option('--no-tls', 'connect without TLS to servers that a sentinel with TLS names')
    .option('--sni <name>', 'server name for TLS')
    .option('--cacert <file>', 'certificate of the authority that the server must be signed by')
    .option('--cert <file>', 'certificate of this client')
    .option('--key <file>', 'private key of this client')
    .option('--insecure', 'accept any certificate')
    .addOption(createListOption('--sentinel <address>', 'find the servers through a sentinel'))
    .option('--sentinel-user <name>', 'ACL user of the sentinels')
    .option(
      '--sentinel-pass <password>',
      'password of the sentinels, visible in the process list; REDIS_SENTINEL_AUTH is not',
    )
    .option('--master <name>', 'only the servers of this master (default: all that the sentinel watches)')
    .option('--no-cluster', 'ask only the given node of a Cluster')
    .option('--follow', 'ask also servers that another one names outside of its network')
    .addOption(createTimeOption('--wait <time>', 'at a full server, try again for this long', '0s'))
    .addOption(
      createTimeOption(
        '--timeout <time>',
        'longest wait for a connection or an answer',
        '10s',
        parseTimeLimitMs,
      ),
    );
}

const SENTINEL_PORT = 26_379;

/** Endpoints of the servers that a command line names; where it names none, of `REDIS_URL`, else 127.0.0.1:6379. */
export function resolveServerEndpoints(
  urls: readonly string[],
  options: ServerOptions,
  env: CommandIo['env'],
): ServerEndpoint[] {
  const credentials = dataCredentials(options, env);
  return namedServers(urls, options, env).map((text) =>
    completeEndpoint(parseServerEndpoint(text), credentials),
  );
}

function namedServers(
  urls: readonly string[],
  options: ServerOptions,
  env: CommandIo['env'],
): readonly string[] {
  const { host, port, socket, uri } = options;
  const given = [...urls, ...(uri === undefined ? [] : [uri])];
  if (given.length > 0) return given;
  if (socket !== undefined) return [resolve(socket)]; // a relative path would be parsed as a host
  if (host === undefined && port === undefined) return [env['REDIS_URL'] ?? '127.0.0.1'];
  const name = host ?? '127.0.0.1';
  return [`${name.includes(':') ? `[${name}]` : name}:${port ?? 6379}`];
}

/**
 * Endpoints of the sentinels that a command line names. Their default port is 26379. Their credentials are their own:
 * those of data nodes are not sent to them, nor the other way round.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function resolveSentinelEndpoints(options: ServerOptions, env: CommandIo['env']): ServerEndpoint[] {
  const { sentinel, sentinelUser: user, sentinelPass: pass = env['REDIS_SENTINEL_AUTH'], tls } = options;
  if (sentinel.length > 0) refuseServer(options);
  else if (user !== undefined || options.sentinelPass !== undefined)
    throw new HygieneError('HYG_CLI_USAGE', '--sentinel-user and --sentinel-pass need --sentinel.');
  return sentinel.map((text) =>
    completeEndpoint(parseServerEndpoint(text, SENTINEL_PORT), { user, pass, tls: tls === true }),
  );
}

/**
 * How the data nodes that sentinels name are connected to: with `--user`, `--pass` and `REDISCLI_AUTH`, and with TLS if
 * `--tls` is given. A password beside a sentinel with TLS needs `--tls` or `--no-tls`, because it may not be meant for a
 * connection that anybody can read.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function resolveDataAccess(
  sentinels: readonly ServerEndpoint[],
  options: ServerOptions,
  env: CommandIo['env'],
): ServerAccess {
  const access = completeEndpoint<ServerAccess>({ tls: false }, dataCredentials(options, env));
  if (access.password === undefined || options.tls !== undefined || !sentinels.some(({ tls }) => tls))
    return access;
  throw new HygieneError(
    'HYG_CLI_USAGE',
    'The sentinel is asked with TLS, but nothing says whether the data nodes are, and they get a password. Add --tls, or --no-tls if they do without.',
  );
}

/** Refuses `--host`, `--port`, `--socket` and `--uri` beside `--sentinel`: the server that they name would be ignored. */
function refuseServer({ host, port, socket, uri }: ServerOptions): void {
  const [option] = Object.entries({ host, port, socket, uri }).find(([, given]) => given !== undefined) ?? [];
  if (option === undefined) return;
  throw new HygieneError(
    'HYG_CLI_USAGE',
    `--${option} and --sentinel exclude each other. Write the sentinel as --sentinel host:port, and a further server as a URL without an option.`,
  );
}

/** Credentials and TLS that complete those of a URL. */
interface Completion {
  readonly user: string | undefined;
  readonly pass: string | undefined;
  readonly tls: boolean;
}

function dataCredentials({ user, pass, tls }: ServerOptions, env: CommandIo['env']): Completion {
  return { user, pass: pass ?? env['REDISCLI_AUTH'], tls: tls === true };
}

/** Completes an endpoint as redis-cli does: what a URL says comes first. */
function completeEndpoint<Endpoint extends ServerAccess>(
  endpoint: Endpoint,
  { user, pass, tls }: Completion,
): Endpoint {
  const username = endpoint.username ?? user;
  const password = endpoint.password ?? pass;
  return {
    ...endpoint,
    tls: endpoint.tls || tls,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

/**
 * TLS options, with the files that they name.
 *
 * @throws HygieneError `HYG_CLI_FILE`
 */
export function readTlsOptions({ sni, cacert, cert, key, insecure }: ServerOptions): ConnectionOptions {
  const [ca, certificate, privateKey] = [
    readOptionalFile(cacert),
    readOptionalFile(cert),
    readOptionalFile(key),
  ];
  return {
    ...(sni !== undefined && { servername: sni }),
    ...(ca && { ca }),
    ...(certificate && { cert: certificate }),
    ...(privateKey && { key: privateKey }),
    ...(insecure && { rejectUnauthorized: false }),
  };
}

function readOptionalFile(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new HygieneError('HYG_CLI_FILE', `${path} cannot be read.`, { cause });
  }
}

/** Creates an option that is a duration, with a default that the help shows as written. */
export function createTimeOption(
  flags: string,
  description: string,
  defaultText: string,
  read: (text: string) => number = parseDurationMs,
): Option {
  return new Option(flags, description).argParser(read).default(read(defaultText), defaultText);
}

/** Creates an option that may be repeated. */
export function createListOption(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`)
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], 'none');
}

/** Longest delay of a JavaScript timer. A longer one fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Parses an option that is a duration. Returns milliseconds. */
function parseDurationMs(text: string): number {
  const duration = parseDuration(text, 's');
  if (!duration) throw new InvalidArgumentError('Expected a duration such as 500ms, 10s, 30m or 2h.');
  if (duration.ms > MAX_TIMER_MS) throw new InvalidArgumentError('Expected 24 days at most.');
  return duration.ms;
}

/** Parses a duration of a second or more: servers report ages in whole seconds. Returns milliseconds. */
export function parseSecondsMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms < 1000) throw new InvalidArgumentError('Expected a second or more, such as 15s or 30m.');
  return ms;
}

/** Parses a time limit, which must be above 0. Returns milliseconds. */
export function parseTimeLimitMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms < 1) throw new InvalidArgumentError('Expected a duration above 0, such as 500ms or 10s.');
  return ms;
}

/** Parses an option that is a whole number from 1. */
export function parsePositiveInteger(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('Expected a whole number from 1.');
  return number;
}
