import { isReplyError } from '../core/errors.js';

/** Asks the server something over a connection whose handshake is under way; rejects with the server's refusal. */
export type Ask = (command: 'client' | 'info', ...args: string[]) => Promise<unknown>;

/** A connection as its server knows it, by which its half there can be found again. */
export interface ServerSideIdentity {
  /** Which run of the server gave the id: ids begin anew with each. Unknown where INFO is refused. */
  readonly runId: string | undefined;
  readonly clientId: number;
  /** As the server shows it; `undefined` where it cannot be asked. */
  readonly name: string | undefined;
  /** The address as the server sees it, behind NAT another than our own. Unknown before Redis 6.2. */
  readonly address: string | undefined;
  /** The server's own end of it, as the server sees it; unknown before Redis 6.2. */
  readonly serverEnd: string | undefined;
  /** The ACL user, from Redis 6.0 on. */
  readonly user: string | undefined;
}

/** The two ends of a socket as this process sees them, written as the server writes them. */
export interface ConnectionEnds {
  readonly local: string;
  readonly remote: string;
}

/** One row of CLIENT LIST, as far as a connection is recognised by it. */
export interface ListedIdentity extends Omit<ServerSideIdentity, 'runId'> {
  /** How long ago the server accepted it, in whole seconds. */
  readonly ageS: number;
}

/** A copy of its own: a part of a string keeps the whole of it alive, here the whole row. */
function copy(text: string): string {
  return Buffer.from(text).toString();
}

/** Texts that the passports of many connections have in common, kept once. */
const texts = new Map<string, string>();

/** More than these are not in common. */
const MAX_TEXTS = 1_000;

function shared(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= MAX_TEXTS) texts.clear();
  const own = copy(text);
  texts.set(own, own);
  return own;
}

/** Reads a row of CLIENT LIST or CLIENT INFO. A row without id, address or name is none. */
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
  };
}

function splitField(field: string): [string, string] {
  const at = field.indexOf('=');
  return [field.slice(0, at), field.slice(at + 1)];
}

/** A server that is busy, or loads its data, refuses nothing: it says so to every command. */
function isRefusal(error: unknown): boolean {
  return isReplyError(error) && /^(ERR|NOPERM)\b/.test(error.message);
}

/** What a command answers, or `undefined` where the server refuses it. */
async function orNothing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** Before Redis 6.2 there is no CLIENT INFO, but the id (5.0) and the name. */
async function askOldServer(ask: Ask): Promise<Omit<ListedIdentity, 'ageS'> | undefined> {
  const [id, name] = await Promise.all([orNothing(ask('client', 'id')), orNothing(ask('client', 'getname'))]);
  if (id === undefined) return undefined;
  const shown = name === null ? '' : (name as string | undefined);
  return { clientId: Number(id), name: shown, address: undefined, serverEnd: undefined, user: undefined };
}

/**
 * Asks the server how it knows this connection. `undefined` where it tells nothing at all.
 *
 * @throws Error when the connection breaks, or the server is busy
 */
export async function askServerSideIdentity(ask: Ask): Promise<ServerSideIdentity | undefined> {
  const [info, server] = await Promise.all([
    orNothing(ask('client', 'info')),
    orNothing(ask('info', 'server')),
  ]);
  const row = readListedIdentity(String(info)) ?? (await askOldServer(ask));
  if (!row) return undefined;
  // Written out: a spread would cost each passport a shape of its own, 200 bytes.
  return {
    runId: shared(/^run_id:(\w+)/m.exec(String(server))?.[1]),
    clientId: row.clientId,
    name: shared(row.name),
    address: row.address && copy(row.address),
    serverEnd: shared(row.serverEnd),
    user: shared(row.user),
  };
}
