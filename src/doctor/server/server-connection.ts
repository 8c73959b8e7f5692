import type * as Ioredis from 'ioredis';
import type { Redis, RedisOptions } from 'ioredis';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { HygieneError } from '../../core/errors.js';
import type { RowView } from '../client-list/client-row.js';
import { createRowReader, type ReadReport } from '../client-list/row-reader.js';
import { quoteReply } from '../text/safe-text.js';
import { grantCommand } from './acl-rights.js';
import { endpointLabel, type ServerEndpoint } from './server-endpoint.js';

/** A connection to a server, with the commands that the command line sends. */
export interface ServerConnection {
  /** `host:port`, or the path of the unix socket. */
  readonly target: string;
  readonly endpoint: ServerEndpoint;
  readonly socket: Socket;
  /** @throws HygieneError `HYG_TARGET_PERMISSION`, `HYG_TARGET_REPLY`, `HYG_TARGET_UNREACHABLE` */
  readonly call: (command: string, ...args: readonly (string | number)[]) => Promise<unknown>;
  /** Reads `CLIENT LIST` row by row, or the rows of some ids. */
  readonly listClients: (onRow: (row: RowView) => void, ids?: readonly number[]) => Promise<ReadReport>;
  /** The fields of `INFO`. */
  readonly info: () => Promise<ReadonlyMap<string, string>>;
  /** The replies to `CONFIG GET` for each pattern, in one map. */
  readonly config: (...patterns: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly close: () => void;
}

/** Creates a server connection from a client that is ready. */
export function createServerConnection(
  endpoint: ServerEndpoint,
  socket: Socket,
  client: Redis,
): ServerConnection {
  async function send<T>(
    command: string,
    args: readonly (string | number)[],
    sendCommand: () => Promise<T>,
  ): Promise<T> {
    try {
      return await sendCommand();
    } catch (error) {
      const timeoutMs = client.options.commandTimeout;
      throw toHygieneError({ endpoint, command, args, timeoutMs }, error);
    }
  }
  const call: ServerConnection['call'] = (command, ...args) =>
    send(command, args, () => client.call(command, ...args.map(String)));

  return {
    target: endpointLabel(endpoint),
    endpoint,
    socket,
    call,
    async listClients(onRow, ids) {
      const args = ids ? ['LIST', 'ID', ...ids.map(String)] : ['LIST'];
      const bytes = (await send('CLIENT', args, () => client.callBuffer('CLIENT', ...args))) as Buffer;
      if (bytes.length === 0) return { rows: 0, skippedLines: 0, truncated: false };
      const reader = createRowReader(onRow);
      reader.write(bytes);
      return reader.end();
    },
    info: async () => parseInfo(String(await call('INFO'))),
    async config(...patterns) {
      const replies = await Promise.all(patterns.map((pattern) => call('CONFIG', 'GET', pattern)));
      return new Map(replies.flatMap((reply) => [...parsePairs(reply)]));
    },
    close: () => client.disconnect(),
  };
}

/** `INFO` as a map: lines of `field:value`, headings with `#`. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const fields = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(fields.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

/** A reply that is a flat list of names and values, as a map. */
export function parsePairs(reply: unknown): ReadonlyMap<string, string> {
  const flat = Array.isArray(reply) ? reply.map(String) : [];
  return new Map(flat.flatMap((key, at) => (at % 2 === 0 ? [[key, flat[at + 1] ?? ''] as const] : [])));
}

/** Replies about the credentials, not about the command. */
const AUTH_ERROR = /^(NOAUTH|WRONGPASS|ERR invalid password|ERR Client sent AUTH|ERR AUTH)/;

/** Error messages of the parsers of ioredis 5 and 6 about a byte that is not part of the protocol. */
const PROTOCOL_ERROR = /Protocol error|Unknown RESP type/;

/** A command that failed, and where it was sent. */
interface FailedCommand {
  readonly endpoint: ServerEndpoint;
  readonly command: string;
  readonly args: readonly (string | number)[];
  /** How long ioredis waited for the reply. */
  readonly timeoutMs: number | undefined;
}

function toHygieneError({ endpoint, command, args, timeoutMs }: FailedCommand, cause: unknown): HygieneError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const text = quoteReply(message);
  const target = endpointLabel(endpoint);
  // No `cause` here: ioredis attaches the arguments of a command to its error, and those of AUTH are secrets.
  const sent = command === 'AUTH' ? command : [command, ...args].join(' ');
  if (AUTH_ERROR.test(text)) {
    return new HygieneError('HYG_TARGET_AUTH', `${target} refused the credentials: ${text}.`);
  }
  if (text.startsWith('NOPERM')) {
    const user = /User (\S+) has no/.exec(text)?.[1] ?? endpoint.username ?? 'default';
    const grant = grantCommand(user, command, args);
    return new HygieneError(
      'HYG_TARGET_PERMISSION',
      `${target} refused ${sent}; ${grant} lets this user send it.`,
    );
  }
  if (/^[A-Z]{2,} /.test(text)) {
    return new HygieneError('HYG_TARGET_REPLY', `${target} answered ${sent} with: ${text}.`);
  }
  if (PROTOCOL_ERROR.test(text)) {
    return new HygieneError('HYG_TARGET_FOREIGN', `${target} does not speak the Redis protocol.`);
  }
  const why = text === 'Command timed out' ? ` within ${timeoutMs} ms` : `: ${text}`;
  return new HygieneError('HYG_TARGET_UNREACHABLE', `${target} gave no answer to ${sent}${why}.`);
}

/** No ready check, no client info, no retry, no reconnect: the server receives only the commands of the caller, once. */
const clientOptions = {
  lazyConnect: true,
  enableReadyCheck: false,
  disableClientInfo: true,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  reconnectOnError: null,
  protocol: 2,
} satisfies RedisOptions & { protocol?: 2 };

/** Connects an ioredis client over an open socket. It does not reconnect. */
export async function connectClientOver(socket: Socket, commandTimeoutMs: number): Promise<Redis> {
  const { Redis: Client } = loadIoredis();
  const Connector = createConnectorClass(socket) as unknown as NonNullable<RedisOptions['Connector']>;
  const client = new Client({ ...clientOptions, commandTimeout: commandTimeoutMs, Connector });
  client.on('error', () => undefined); // the pending commands are rejected with the same error
  await client.connect();
  return client;
}

/** A connector class of ioredis that returns an open socket. */
function createConnectorClass(socket: Socket) {
  return class OpenSocketConnector {
    readonly firstError = undefined;
    check(): boolean {
      return true;
    }
    connect(): Promise<Socket> {
      return Promise.resolve(socket);
    }
    disconnect(): void {
      socket.destroy(); // all data is sent, and a server that does not respond would never answer a FIN
    }
  };
}

const require = createRequire(import.meta.url);

/** Loads ioredis when the first server is connected, as reading files does not need it. */
function loadIoredis(): typeof Ioredis {
  try {
    return require('ioredis') as typeof Ioredis;
  } catch (cause) {
    throw new HygieneError(
      'HYG_IOREDIS_MISSING',
      'ioredis is needed to connect to servers, and cannot be loaded.',
      { cause },
    );
  }
}
