import { HygieneError } from '../../core/errors.js';
import { REDACTED, withoutCommand } from '../../core/redact.js';
import type { ConnectionFacts } from '../../ledger/connection.js';

/** What ioredis rejects with where a connection was closed or called off, and says no more of it. */
export function connectionClosed(): Error {
  return new Error('Connection is closed.');
}

/** How servers of all versions begin a refused AUTH or HELLO. */
const AUTH_REFUSED = /WRONGPASS|NOAUTH|invalid password|invalid username-password/i;

/** The commands of the handshake that carry the password. */
const CARRIERS = ['auth', 'hello'];

interface ReplyError extends Error {
  command?: { name: string; args: readonly unknown[] };
}

/**
 * The error to pass on instead of a refused authentication, or `undefined` if `error` is something else.
 * ioredis hangs the AUTH or HELLO command on its error, password included, and rejects every waiting command
 * with it: this is the one error of ioredis that is replaced.
 */
export function authRefusal(error: Error, { name, role, target }: ConnectionFacts): HygieneError | undefined {
  if (!AUTH_REFUSED.test(error.message)) return undefined;
  const reply = error.message.replace(/\.$/, '');
  return new HygieneError(
    'HYG_AUTH_REFUSED',
    `The credentials of ${name} were refused by ${target}: ${reply}.`,
    {
      details: { name, role, target },
      cause: withoutCommand(error),
    },
  );
}

/** How an old server repeats the arguments of a command that it does not know. */
const REPEATED_ARGUMENTS = /,? with args beginning with:.*/g;

/**
 * Takes the password out of any other error of the handshake (a full server, a loading one, an old one that knows
 * no AUTH), and leaves it the error that it is.
 */
export function removePassword(error: ReplyError): void {
  const { command } = error;
  if (!command || !CARRIERS.includes(command.name.toLowerCase())) return;
  error.command = { ...command, args: [REDACTED] };
  error.message = error.message.replace(REPEATED_ARGUMENTS, '');
  error.stack = (error.stack ?? '').replace(REPEATED_ARGUMENTS, '');
}

/** How servers say that they take no more connections; where there is a cluster, its bus counts too. */
const FULL = /max number of clients( \+ cluster connections)? reached/;

/** Whether these are the words of a full server: an error, or the first bytes that came from it. */
export function saysFull(said: unknown): boolean {
  return FULL.test(said instanceof Error ? said.message : String(said));
}

/** Whether the server runs a script, and answers nothing else until it has ended. */
export function saysBusy(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('BUSY ');
}

/** The server takes no more connections, and this one waits for room. */
export function serverFull({ name, role }: ConnectionFacts, target: string): HygieneError {
  return new HygieneError(
    'HYG_SERVER_FULL',
    `${name} waits for room at ${target}, which takes no more connections (max number of clients reached).`,
    { details: { name, role, target } },
  );
}

/**
 * The server takes the connection, and not into its database. `undefined` where it refuses whatever it is asked: that
 * is told, and waited for, elsewhere.
 */
export function databaseRefusal(error: ReplyError, facts: ConnectionFacts): HygieneError | undefined {
  if (error.command?.name !== 'select') return undefined;
  if (saysFull(error) || saysBusy(error) || authRefusal(error, facts)) return undefined;
  const { name, role, target } = facts;
  const what = `${name} could not connect to ${target}: SELECT was refused: ${error.message}.`;
  const details = { name, role, target, reason: 'SELECT' };
  return new HygieneError('HYG_CONNECT_FAILED', what, { details, cause: error });
}

/** The server shows another name than the one that was set, or refuses to show any. */
export function nameRefusal(
  given: string | undefined,
  { name, role, target }: ConnectionFacts,
): HygieneError {
  const shown = given ? `"${given}"` : 'no name';
  return new HygieneError(
    'HYG_NAME_REFUSED',
    `The server ${target} shows ${shown} for a connection, expected "${name}".`,
    { details: { name, role, target, given: given ?? null } },
  );
}

/** What becomes of commands that a server has taken and not answered within `stallLimitMs`. */
export function stalled({ name, role, target }: ConnectionFacts, silentMs: number): HygieneError {
  return new HygieneError('HYG_STALLED', `${name} has had no answer from ${target} for ${silentMs} ms.`, {
    details: { name, role, target, silentMs },
  });
}

/** A full server drops a TLS connection before its handshake, without a word, so nothing can be asked there. */
const PERHAPS_FULL =
  ' A server that is full (maxclients) ends TLS in this way too: compare connected_clients with maxclients in INFO clients, over an open connection.';

function mayBeFull(socket: object, cause: NodeJS.ErrnoException | null): boolean {
  return 'encrypted' in socket && (cause?.code === 'ECONNRESET' || cause?.code === 'EPIPE');
}

/** A dial that brought no connection. */
export function dialFailure(
  { name, role, target }: ConnectionFacts,
  socket: { readonly errored: NodeJS.ErrnoException | null },
): HygieneError {
  const cause = socket.errored;
  const why = cause ? cause.message || (cause.code ?? cause.name) : 'it did not open in time';
  const hint = mayBeFull(socket, cause) ? PERHAPS_FULL : '';
  return new HygieneError('HYG_CONNECT_FAILED', `${name} could not connect to ${target}: ${why}.${hint}`, {
    details: { name, role, target, reason: cause ? (cause.code ?? cause.name) : 'ETIMEDOUT' },
    cause: cause ?? undefined,
  });
}
