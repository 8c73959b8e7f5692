import type * as Ioredis from 'ioredis';
import type { Redis, RedisOptions } from 'ioredis';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { HygieneError } from '../../core/errors.js';
import type { RowView } from '../client-list/client-row.js';
import { createRowReader, type ReadReport } from '../client-list/row-reader.js';
import { quoteReply } from '../text/safe-text.js';
import { grantLine } from './acl-rights.js';
import { type ServerEndpoint, labelOf } from './server-endpoint.js';

/** A server that is asked over one connection. */
export interface ServerConnection {
  /** `host:port`, or the path of its socket. */
  readonly target: string;
  readonly address: ServerEndpoint;
  /** The connection itself. */
  readonly socket: Socket;
  /** @throws HygieneError `HYG_TARGET_PERMISSION`, `HYG_TARGET_REPLY`, `HYG_TARGET_UNREACHABLE` */
  readonly call: (command: string, ...args: readonly (string | number)[]) => Promise<unknown>;
  /** Reads `CLIENT LIST`, or the rows of some ids, row by row. */
  readonly clients: (onRow: (row: RowView) => void, ids?: readonly number[]) => Promise<ReadReport>;
  /** The fields of `INFO`. */
  readonly info: () => Promise<ReadonlyMap<string, string>>;
  /** The answers of `CONFIG GET`, for patterns. */
  readonly config: (...patterns: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly close: () => void;
}

/** The answers of a server that concern the person who asked, not the command. */
const AUTH = /^(NOAUTH|WRONGPASS|ERR invalid password|ERR Client sent AUTH|ERR AUTH)/;

/** How the parsers of ioredis 5 and 6 put that a byte is none of the protocol. */
const FOREIGN = /Protocol error|Unknown RESP type/;

/** A question, and to whom it was put. */
interface Asked {
  readonly address: ServerEndpoint;
  readonly command: string;
  readonly args: readonly (string | number)[];
  /** How long ioredis waits for the answer. */
  readonly timeoutMs: number | undefined;
}

function failure({ address, command, args, timeoutMs }: Asked, cause: unknown): HygieneError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const text = quoteReply(message);
  const target = labelOf(address);
  // The arguments of AUTH are secrets, and ioredis hangs a command's arguments on its error: no cause here.
  const asked = command === 'AUTH' ? command : [command, ...args].join(' ');
  if (AUTH.test(text)) return new HygieneError('HYG_TARGET_AUTH', `${target} says: ${text}.`);
  if (text.startsWith('NOPERM')) {
    const user = /User (\S+) has no/.exec(text)?.[1] ?? address.username ?? 'default';
    const line = grantLine(user, command, args);
    return new HygieneError(
      'HYG_TARGET_PERMISSION',
      `${target} refused ${asked}; ${line} lets this user send it.`,
    );
  }
  if (/^[A-Z]{2,} /.test(text)) {
    return new HygieneError('HYG_TARGET_REPLY', `${target} answered ${asked} with: ${text}.`);
  }
  if (FOREIGN.test(text)) {
    return new HygieneError('HYG_TARGET_FOREIGN', `${target} does not speak the protocol of Redis.`);
  }
  const why = text === 'Command timed out' ? ` within ${timeoutMs} ms` : `: ${text}`;
  return new HygieneError('HYG_TARGET_UNREACHABLE', `${target} gave no answer to ${asked}${why}.`);
}

/** `INFO` as a map: lines of `field:value`, headings with `#`. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const fields = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(fields.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

function pairs(reply: unknown): ReadonlyMap<string, string> {
  const flat = Array.isArray(reply) ? reply.map(String) : [];
  return new Map(flat.flatMap((key, at) => (at % 2 === 0 ? [[key, flat[at + 1] ?? ''] as const] : [])));
}

/** Puts the questions of the doctor to a connection that is ready. */
export function createServerConnection(
  address: ServerEndpoint,
  socket: Socket,
  client: Redis,
): ServerConnection {
  async function ask<T>(
    command: string,
    args: readonly (string | number)[],
    send: () => Promise<T>,
  ): Promise<T> {
    try {
      return await send();
    } catch (error) {
      const timeoutMs = client.options.commandTimeout;
      throw failure({ address, command, args, timeoutMs }, error);
    }
  }
  const call: ServerConnection['call'] = (command, ...args) =>
    ask(command, args, () => client.call(command, ...args.map(String)));

  return {
    target: labelOf(address),
    address,
    socket,
    call,
    async clients(onRow, ids) {
      const args = ids ? ['LIST', 'ID', ...ids.map(String)] : ['LIST'];
      const bytes = (await ask('CLIENT', args, () => client.callBuffer('CLIENT', ...args))) as Buffer;
      if (bytes.length === 0) return { rows: 0, strangers: 0, truncated: false };
      const reader = createRowReader(onRow);
      reader.write(bytes);
      return reader.end();
    },
    info: async () => parseInfo(String(await call('INFO'))),
    async config(...patterns) {
      const answers = await Promise.all(patterns.map((pattern) => call('CONFIG', 'GET', pattern)));
      return new Map(answers.flatMap((answer) => [...pairs(answer)]));
    },
    close: () => client.disconnect(),
  };
}

const require = createRequire(import.meta.url);

/** Loaded only when a server is asked: a file is read without it. */
function load(): typeof Ioredis {
  try {
    return require('ioredis') as typeof Ioredis;
  } catch (cause) {
    throw new HygieneError(
      'HYG_IOREDIS_MISSING',
      'Servers are asked through ioredis, which cannot be loaded.',
      {
        cause,
      },
    );
  }
}

/** Gives ioredis the socket that is already there. */
function given(socket: Socket) {
  return class GivenSocket {
    readonly firstError = undefined;
    check(): boolean {
      return true;
    }
    connect(): Promise<Socket> {
      return Promise.resolve(socket);
    }
    disconnect(): void {
      socket.destroy(); // nothing is unsent, and a server that says nothing would not end it either
    }
  };
}

/** Nothing is asked that nobody wants to know, nothing is sent twice, and nothing is dialled again. */
const options = {
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

/** A client that speaks over an open socket, once. */
export async function speakOver(socket: Socket, commandTimeoutMs: number): Promise<Redis> {
  const { Redis: Client } = load();
  const Connector = given(socket) as unknown as NonNullable<RedisOptions['Connector']>;
  const client = new Client({ ...options, commandTimeout: commandTimeoutMs, Connector });
  client.on('error', () => undefined); // commands are rejected with it
  await client.connect();
  return client;
}
