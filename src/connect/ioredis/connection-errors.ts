import { HygieneError, isBusyError, isServerFullReply } from '../../core/errors.js';
import { REDACTED, stripCommand } from '../../core/redact.js';
import type { ConnectionFacts } from '../../ledger/connection.js';

/** An error reply of a server, with the command that caused it. */
interface ReplyError extends Error {
  command?: { name: string; args: readonly unknown[] };
}

/** The error with which ioredis rejects commands and connect() when a connection was closed or a dial was cancelled. */
export function connectionClosedError(): Error {
  return new Error('Connection is closed.');
}

/** Beginnings of a refused AUTH or HELLO in all versions of servers. */
const AUTH_REFUSED = /WRONGPASS|NOAUTH|invalid password|invalid username-password/i;

/** Whether an error is a reply that refuses credentials. */
export function isAuthRefused(error: unknown): boolean {
  return error instanceof Error && AUTH_REFUSED.test(error.message);
}

/**
 * The error to pass on in place of a refused authentication. `undefined` if `error` is something else.
 *
 * ioredis attaches the AUTH or HELLO command to its error, password included, and rejects every waiting command with it.
 * This is the only error of ioredis that is replaced.
 */
export function authRefusedError(
  error: Error,
  { name, role, target }: ConnectionFacts,
): HygieneError | undefined {
  if (!isAuthRefused(error)) return undefined;
  const reply = error.message.replace(/\.$/, '');
  return new HygieneError(
    'HYG_AUTH_REFUSED',
    `The credentials of ${name} were refused by ${target}: ${reply}.`,
    { details: { name, role, target }, cause: stripCommand(error) },
  );
}

/** Commands of the handshake that contain the password. */
const PASSWORD_COMMANDS = ['auth', 'hello'];

/** Old servers repeat the arguments of a command that they do not know. */
const REPEATED_ARGUMENTS = /,? with args beginning with:.*/g;

/**
 * Removes the password from any other error of the handshake (of a full server, of one that loads its data, of an old one
 * that does not know AUTH). The error itself stays the same.
 */
export function redactPassword(error: ReplyError): void {
  const { command } = error;
  if (!command || !PASSWORD_COMMANDS.includes(command.name.toLowerCase())) return;
  error.command = { ...command, args: [REDACTED] };
  error.message = error.message.replace(REPEATED_ARGUMENTS, '');
  error.stack = (error.stack ?? '').replace(REPEATED_ARGUMENTS, '');
}

/** Error of a client that its retry strategy has stopped from dialling again. */
export function gaveUpError({ name, role, target }: ConnectionFacts): HygieneError {
  const what = `${name} does not connect to ${target} any more: its retry strategy returned no delay.`;
  return new HygieneError('HYG_GAVE_UP', what, { details: { name, role, target } });
}

/** Error of a connection that waits until a full server has room. */
export function serverFullError({ name, role }: ConnectionFacts, target: string): HygieneError {
  return new HygieneError(
    'HYG_SERVER_FULL',
    `${name} waits for room at ${target}, which accepts no more connections (max number of clients reached).`,
    { details: { name, role, target } },
  );
}

/** Error of a connection to a server that loads its data. ioredis asks until it has, and tells nobody. */
export function serverLoadingError({ name, role, target }: ConnectionFacts): HygieneError {
  return new HygieneError(
    'HYG_SERVER_LOADING',
    `${name} is connected to ${target}, which loads its data and runs no commands yet (LOADING).`,
    { details: { name, role, target } },
  );
}

/** Error of a connection that is not ready yet, for a caller that waits for it in vain. */
export function notReadyError(
  { name, role, target }: ConnectionFacts,
  state: 'connecting' | 'connected',
  waitedMs: number,
): HygieneError {
  const what =
    state === 'connecting'
      ? `${name} has been connecting to ${target} for ${waitedMs} ms, and has no answer yet.`
      : `${name} has been connected to ${target} for ${waitedMs} ms, but the server has not finished the handshake: it is stopped, or busy with a long command.`;
  return new HygieneError('HYG_CONNECT_FAILED', what, { details: { name, role, target, reason: state } });
}

/** Error of a connection whose server sends bytes all the time, but too few to finish the handshake. */
export function slowHandshakeError(
  { name, role, target }: ConnectionFacts,
  waitedMs: number,
  bytesRead: number,
): HygieneError {
  const what = `${name} has received ${bytesRead} bytes in ${waitedMs} ms from ${target}, which has not finished the handshake: the network is very slow, or a server or proxy sends its answers in small parts. The connection goes on waiting.`;
  const details = { name, role, target, reason: 'SLOW', waitedMs, bytesRead };
  return new HygieneError('HYG_CONNECT_FAILED', what, { details });
}

/**
 * Error of a connection that the server accepts, but whose SELECT it refuses. ioredis goes on in database 0. `undefined` if
 * the server refuses every command: such refusals are reported, and waited for, elsewhere.
 */
export function databaseRefusedError(error: ReplyError, facts: ConnectionFacts): HygieneError | undefined {
  if (error.command?.name !== 'select') return undefined;
  if (isServerFullReply(error) || isBusyError(error) || authRefusedError(error, facts)) return undefined;
  const { name, role, target } = facts;
  const database = String(error.command.args[0]);
  const message = `The server ${target} refuses database ${database} of ${name}: ${error.message}. A pool does not lend such a connection, and any other client works in database 0.`;
  const details = { name, role, target, database };
  return new HygieneError('HYG_DATABASE_REFUSED', message, { details, cause: error });
}

/** Error of a connection for which the server shows another name than the one that was set, or shows none. */
export function nameRefusedError(
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

/** Error of a connection that is opened without a name, because its server has closed those that had one. */
export function introductionRefusedError({ name, role, target }: ConnectionFacts): HygieneError {
  return new HygieneError(
    'HYG_NAME_REFUSED',
    `The server ${target} closes connections in their handshake. A connection is opened without the name "${name}", CLIENT and INFO, as a proxy may not know them. It is not pinged, and no orphan of it is closed.`,
    { details: { name, role, target, given: null } },
  );
}

/** Error of commands that a server has received and not answered within `stallLimitMs`. */
export function stalledError({ name, role, target }: ConnectionFacts, silentMs: number): HygieneError {
  return new HygieneError('HYG_STALLED', `${name} has had no answer from ${target} for ${silentMs} ms.`, {
    details: { name, role, target, silentMs },
  });
}

/** A full server drops a TLS connection before its handshake without a reply, so it cannot be told from other failures. */
const TLS_FULL_HINT =
  ' A full server (maxclients) drops TLS connections in this way too: over a connection that is open, compare connected_clients in INFO clients with maxclients.';

/** Likely causes when a server closes connections without a reply, by what it does with one that sends nothing. */
const CUT_OFF_CAUSES = {
  available:
    'the server closed the connection when the handshake came, but keeps one open that sends nothing. A port for TLS does this (use rediss://), and a proxy that does not take CLIENT, INFO or HELLO',
  unknown:
    'the server accepted the connection and closed it without a reply, as a load balancer does that has no server behind it',
} as const;

/** Error of a dial whose connection was closed without a reply, by a server that is not full. */
export function cutOffError(
  { name, role, target }: ConnectionFacts,
  url: string,
  found: keyof typeof CUT_OFF_CAUSES,
): HygieneError {
  const hint = url.startsWith('rediss:') ? TLS_FULL_HINT : '';
  const message = `${name} could not connect to ${url}: ${CUT_OFF_CAUSES[found]}.${hint}`;
  return new HygieneError('HYG_CONNECT_FAILED', message, {
    details: { name, role, target, reason: 'CLOSED' },
  });
}

/** A server without TLS takes the beginning of a TLS handshake for a command that is not complete, or answers with an error. */
const NO_TLS_HINT = ' A port without TLS does this: use redis:// there.';

/** Error of a dial that brought no connection. `isAccepted`: TCP was connected, so that TLS has failed. */
export function connectFailedError(
  { name, role, target }: ConnectionFacts,
  socket: { readonly errored: NodeJS.ErrnoException | null },
  isAccepted = false,
): HygieneError {
  const cause = socket.errored;
  const late = isAccepted
    ? 'the server accepted the connection, but did not answer the TLS handshake in time'
    : 'it did not open in time';
  const why = cause ? cause.message || (cause.code ?? cause.name) : late;
  const isNotTls = isAccepted && (!cause || cause.code === 'ERR_SSL_WRONG_VERSION_NUMBER');
  const hint = isNotTls ? NO_TLS_HINT : mayBeFullServer(socket, cause) ? TLS_FULL_HINT : '';
  return new HygieneError('HYG_CONNECT_FAILED', `${name} could not connect to ${target}: ${why}.${hint}`, {
    details: { name, role, target, reason: cause ? (cause.code ?? cause.name) : 'ETIMEDOUT' },
    cause: cause ?? undefined,
  });
}

function mayBeFullServer(socket: object, cause: NodeJS.ErrnoException | null): boolean {
  return 'encrypted' in socket && (cause?.code === 'ECONNRESET' || cause?.code === 'EPIPE');
}
