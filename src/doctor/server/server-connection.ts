import type { Socket } from 'node:net';
import { errorTable, HygieneError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';
import type { RowView } from '../client-list/client-row.js';
import { createRowReader, type ReadReport } from '../client-list/row-reader.js';
import { formatBytes } from '../text/quantities.js';
import { quoteReply } from '../text/safe-text.js';
import { grantCommand } from './acl-rights.js';
import {
  ErrorReply,
  OverlongReplyError,
  ProtocolError,
  type Reply,
  type TextReceiver,
} from './reply-decoder.js';
import type { RespClient } from './resp-client.js';
import { endpointLabel, type ServerEndpoint } from './server-endpoint.js';

/** Bytes of a client list: more than 500 000 connections need. Rows are read while they arrive, and not kept. */
const MAX_LIST_BYTES = 256 * 1024 ** 2;

const NO_ROWS: ReadReport = { rows: 0, skippedLines: 0, truncated: false };

/** A connection to a server, with the commands that the command line sends. */
export interface ServerConnection {
  /** `host:port`, or the path of the unix socket. */
  readonly target: string;
  readonly endpoint: ServerEndpoint;
  readonly socket: Socket;
  /** @throws HygieneError `HYG_TARGET_PERMISSION`, `HYG_TARGET_REPLY`, `HYG_TARGET_UNREACHABLE` */
  readonly call: (command: string, ...args: readonly (string | number)[]) => Promise<Reply>;
  /** Reads `CLIENT LIST` row by row, or the rows of some ids. */
  readonly listClients: (onRow: (row: RowView) => void, ids?: readonly number[]) => Promise<ReadReport>;
  /** The fields of `INFO`. */
  readonly info: () => Promise<ReadonlyMap<string, string>>;
  /** The replies to `CONFIG GET` for each pattern, in one map. */
  readonly config: (...patterns: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly close: () => void;
}

/** Creates a server connection over a client that is connected. */
export function createServerConnection(
  endpoint: ServerEndpoint,
  socket: Socket,
  client: RespClient,
): ServerConnection {
  const target = endpointLabel(endpoint);

  async function send(words: readonly string[], receiver?: TextReceiver): Promise<Reply> {
    let reply: Reply;
    try {
      reply = await client.send(words, receiver);
    } catch (error) {
      throw error instanceof HygieneError ? error : failureOf(target, words, error);
    }
    if (reply instanceof ErrorReply) throw refusalOf(endpoint, words, reply.text);
    return reply;
  }
  const call: ServerConnection['call'] = (command, ...args) => send([command, ...args.map(String)]);

  async function listClients(onRow: (row: RowView) => void, ids?: readonly number[]): Promise<ReadReport> {
    const words = ['CLIENT', 'LIST', ...(ids ? ['ID', ...ids.map(String)] : [])];
    const reader = createRowReader(onRow);
    let bytes = 0;
    const write = (chunk: Uint8Array): void => {
      bytes += chunk.length;
      reader.write(chunk);
    };
    try {
      const reply = await send(words, { maxBytes: MAX_LIST_BYTES, write });
      if (reply !== '') throw unexpectedReply(target, words, reply, 'a text');
      // None of the asked ids may be left. A whole list has at least the row of this connection.
      return bytes === 0 && ids ? NO_ROWS : reader.end();
    } catch (error) {
      if (!(error instanceof HygieneError) || error.code !== 'HYG_CLIENT_LIST_INVALID') throw error;
      const problem = error.message.replace(errorTable[error.code].remedy, '').trim();
      throw new HygieneError(
        'HYG_TARGET_REPLY',
        `${target} answered ${words.join(' ')} with another text: ${problem}`,
      );
    }
  }

  return {
    ...{ target, endpoint, socket, call, listClients },
    info: async () => parseInfo(await callText({ target, call }, 'INFO')),
    async config(...patterns) {
      const replies = await Promise.all(
        patterns.map((pattern) => callPairs({ target, call }, 'CONFIG', 'GET', pattern)),
      );
      return new Map(replies.flatMap((pairs) => [...pairs]));
    },
    close: client.close,
  };
}

type Caller = Pick<ServerConnection, 'target' | 'call'>;

/**
 * Sends a command whose reply is a text.
 *
 * @throws HygieneError `HYG_TARGET_REPLY`, and those of `call`
 */
export async function callText(
  { target, call }: Caller,
  ...words: readonly [string, ...string[]]
): Promise<string> {
  const reply = await call(...words);
  if (typeof reply === 'string') return reply;
  throw unexpectedReply(target, words, reply, 'a text');
}

/**
 * Sends a command whose reply is a list of names and values.
 *
 * @throws HygieneError `HYG_TARGET_REPLY`, and those of `call`
 */
async function callPairs(
  { target, call }: Caller,
  ...words: readonly [string, ...string[]]
): Promise<ReadonlyMap<string, string>> {
  const reply = await call(...words);
  const pairs = parsePairs(reply);
  if (pairs) return pairs;
  throw unexpectedReply(target, words, reply, 'a list of names and values');
}

/**
 * Sends a command whose reply is a list of such lists.
 *
 * @throws HygieneError `HYG_TARGET_REPLY`, and those of `call`
 */
export async function callRecords(
  { target, call }: Caller,
  ...words: readonly [string, ...string[]]
): Promise<readonly ReadonlyMap<string, string>[]> {
  const reply = await call(...words);
  const records = Array.isArray(reply) ? (reply as readonly Reply[]).map(parsePairs) : [undefined];
  if (records.every((record) => record !== undefined)) return records;
  throw unexpectedReply(target, words, reply, 'a list of lists of names and values');
}

/** A flat list of names and values as a map, without credentials in URLs; `undefined` if the reply is something else. */
function parsePairs(reply: Reply): ReadonlyMap<string, string> | undefined {
  if (!Array.isArray(reply) || reply.length % 2 !== 0) return undefined;
  const texts = reply as readonly Reply[];
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  return new Map(
    texts.flatMap((name, at) => (at % 2 === 0 ? [[name, redact(texts[at + 1] ?? '')] as const] : [])),
  );
}

function unexpectedReply(
  target: string,
  words: readonly string[],
  reply: Reply,
  expected: string,
): HygieneError {
  const message = `${target} answered ${words.join(' ')} with ${describeReply(reply)} instead of ${expected}.`;
  return new HygieneError('HYG_TARGET_REPLY', message);
}

function describeReply(reply: Reply): string {
  if (reply === null) return 'nil';
  if (Array.isArray(reply)) return `a list of ${reply.length}`;
  return typeof reply === 'number' ? `the number ${reply}` : 'a text';
}

/** `INFO` as a map, without credentials in URLs: lines of `field:value`, headings with `#`. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const fields = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(
    fields.map((line) => [line.slice(0, line.indexOf(':')), redact(line.slice(line.indexOf(':') + 1))]),
  );
}

/** Replies about the credentials, not about the command. */
const AUTH_ERROR = /^(NOAUTH|WRONGPASS|ERR invalid password|ERR Client sent AUTH|ERR AUTH)/;

/** The error for a command that the server refused. */
function refusalOf(endpoint: ServerEndpoint, words: readonly string[], reply: string): HygieneError {
  const [text, target, sent] = [quoteReply(reply), endpointLabel(endpoint), describeCommand(words)];
  if (AUTH_ERROR.test(text)) {
    return new HygieneError('HYG_TARGET_AUTH', `${target} refused the credentials: ${text}.`);
  }
  if (text.startsWith('NOPERM')) {
    const [command = '', ...args] = words;
    const user = /User (\S+) has no/.exec(text)?.[1] ?? endpoint.username ?? 'default';
    const grant = grantCommand(user, command, args);
    return new HygieneError(
      'HYG_TARGET_PERMISSION',
      `${target} refused ${sent}; ${grant} lets this user send it.`,
    );
  }
  return new HygieneError('HYG_TARGET_REPLY', `${target} answered ${sent} with: ${text}.`);
}

/** The error for a command that got no reply. */
function failureOf(target: string, words: readonly string[], error: unknown): HygieneError {
  const sent = describeCommand(words);
  if (error instanceof OverlongReplyError) {
    return new HygieneError(
      'HYG_TARGET_REPLY',
      `${target} answers ${sent} with more than ${formatBytes(error.maxBytes)}, which is the limit.`,
    );
  }
  if (error instanceof ProtocolError) {
    return new HygieneError('HYG_TARGET_FOREIGN', `${target} does not speak the Redis protocol.`);
  }
  const why = quoteReply(error instanceof Error ? error.message : String(error));
  const after = why.startsWith('within ') ? ` ${why}` : `: ${why}`;
  return new HygieneError('HYG_TARGET_UNREACHABLE', `${target} gave no answer to ${sent}${after}.`);
}

/** A command for use in a message. The arguments of AUTH are secrets. */
function describeCommand(words: readonly string[]): string {
  return words[0] === 'AUTH' ? 'AUTH' : words.join(' ');
}
