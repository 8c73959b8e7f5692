import { copyText, intern } from '../core/process-wide.js';
import { isReplyError } from '../core/errors.js';

/** A connection as its server knows it. Its half on the server can be found again by these fields. */
export interface ServerSideIdentity {
  /** Run of the server that gave the id: ids start again at 1 with each run. Unknown if INFO is refused. */
  readonly runId: string | undefined;
  readonly clientId: number;
  /** Name as the server shows it. `undefined` if the server refuses to show it. Changes when the application gives another one. */
  name: string | undefined;
  /** Client address as the server sees it; behind NAT it differs from the socket's own. Unknown before Redis 6.2. */
  readonly address: string | undefined;
  /** The server's own end of the connection, as the server sees it. Unknown before Redis 6.2. */
  readonly serverEnd: string | undefined;
  /** The ACL user. Known from Redis 6.0 on. */
  readonly user: string | undefined;
}

/** The two ends of a socket as this process sees them, in the notation of CLIENT LIST. */
export interface ConnectionEnds {
  readonly local: string;
  readonly remote: string;
}

/** Sends a command over a connection whose handshake is under way. Rejects with the error reply of the server. */
export type AskServer = (command: 'client' | 'info' | 'select', ...args: string[]) => Promise<unknown>;

/** Replies to the questions that tell everything about a connection on servers from Redis 6.2 on. */
export interface FirstReplies {
  /** CLIENT INFO */
  readonly clientInfo: Promise<unknown>;
  /** INFO, with the section `server` at least */
  readonly serverInfo: Promise<unknown>;
}

/**
 * Asks the server how it knows this connection. Resolves with `undefined` if the server refuses to tell even the id.
 *
 * @param first The first questions, which have been asked already.
 * @throws Error when the connection breaks, or the server is busy
 */
export async function askServerSideIdentity(
  ask: AskServer,
  first: FirstReplies,
): Promise<ServerSideIdentity | undefined> {
  const [clientInfo, serverInfo] = await Promise.all([
    undefinedIfRefused(first.clientInfo),
    undefinedIfRefused(first.serverInfo),
  ]);
  const row = readListedIdentity(String(clientInfo)) ?? (await askOldServer(ask));
  if (!row) return undefined;
  // Fields are listed one by one: with a spread each identity has a hidden class of its own, which costs 200 bytes.
  return {
    runId: internOptional(/^run_id:(\w+)/m.exec(String(serverInfo))?.[1]),
    clientId: row.clientId,
    name: internOptional(row.name),
    address: row.address && copyText(row.address),
    serverEnd: internOptional(row.serverEnd),
    user: internOptional(row.user),
  };
}

/** Asks with the commands of servers before Redis 6.2, which lack CLIENT INFO: CLIENT ID (5.0) and CLIENT GETNAME. */
async function askOldServer(ask: AskServer): Promise<Omit<ListedIdentity, 'ageS' | 'idleS'> | undefined> {
  const [id, name] = await Promise.all([
    undefinedIfRefused(ask('client', 'id')),
    undefinedIfRefused(ask('client', 'getname')),
  ]);
  if (id === undefined) return undefined;
  const shownName = name === null ? '' : (name as string | undefined);
  return {
    clientId: Number(id),
    name: shownName,
    address: undefined,
    serverEnd: undefined,
    user: undefined,
  };
}

/** Resolves with the reply of a command, or with `undefined` if the server refuses the command. */
async function undefinedIfRefused(reply: Promise<unknown>): Promise<unknown> {
  try {
    return await reply;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** BUSY and LOADING are no refusals: the server answers every command with them until it is available again. */
function isRefusal(error: unknown): boolean {
  return isReplyError(error) && /^(ERR|NOPERM)\b/.test(error.message);
}

/** Fields of a CLIENT LIST row by which a connection is recognised. */
export interface ListedIdentity extends Omit<ServerSideIdentity, 'runId'> {
  /** Time since the server accepted the connection, in whole seconds. */
  readonly ageS: number;
  /** Time since the connection was used, in whole seconds. */
  readonly idleS: number;
}

/** Reads a row of CLIENT LIST or CLIENT INFO. A line without id, address or name is not a row. */
export function readListedIdentity(line: string): ListedIdentity | undefined {
  const fields = new Map(line.trim().split(' ').map(splitField));
  const [id, address, name] = [fields.get('id'), fields.get('addr'), fields.get('name')];
  if (!/^\d+$/.test(id ?? '') || !address || name === undefined) return undefined;
  return {
    clientId: Number(id),
    address,
    name,
    serverEnd: fields.get('laddr'),
    user: fields.get('user'),
    ageS: Number(fields.get('age')),
    idleS: Number(fields.get('idle')),
  };
}

function splitField(field: string): [string, string] {
  const at = field.indexOf('=');
  return [field.slice(0, at), field.slice(at + 1)];
}

function internOptional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : intern(text);
}
