import { isBusyError } from '../../core/errors.js';
import type { Redis, RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import { type BackoffBounds, fullJitter } from '../../core/backoff.js';
import { systemClock } from '../../core/clock.js';
import {
  type AskServer,
  askServerSideIdentity,
  type FirstReplies,
} from '../../liveness/server-side-identity.js';
import type { ManagedConnection } from '../connection/managed-connection.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { nameRefusedError, serverLoadingError } from '../ioredis/connection-errors.js';
import { type ClientInternals, clientInternals, type ReadyCheckCallback } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { markOwnCommand } from '../ioredis/pending-commands.js';

/** The identification of a socket. */
interface Identification extends FirstReplies {
  /** Resolves when the server has answered the first questions, with whether it was too busy. */
  readonly wasBusy: Promise<boolean>;
  /** Resolves when the connection is identified, and the orphans of earlier sockets are reaped. */
  readonly whenDone: Promise<void>;
}

/** Kept while a socket is in its handshake. */
const identifications = new WeakMap<Socket, Identification>();

/**
 * Takes the name out of a handshake that ioredis is about to send, because ioredis would wait for the answer to SETNAME.
 * Returns the function that puts the name back.
 */
export function hideName({ options }: Redis): () => void {
  const { connectionName } = options;
  options.connectionName = undefined;
  return () => void (options.connectionName = connectionName);
}

/**
 * Names and identifies the client's new socket, in the same write as the handshake: asks how the server identifies the
 * connection, checks the name, and reaps orphans that earlier sockets of this client left on the server. INFO is asked
 * whole if the ready check needs it, so that it costs no round trip of its own. A connection that breaks meanwhile is
 * reported elsewhere.
 */
export function identifySocket(client: Redis, connection: ManagedConnection): void {
  const { stream } = clientInternals(client);
  if (!stream || !connection.isIntroduced) return;
  const ask = askOver(client, stream);
  const ignore = () => undefined; // CLIENT INFO shows whether the name was set
  if (connection.facts.name) ask('client', 'setname', connection.facts.name).catch(ignore);
  const clientInfo = ask('client', 'info');
  const serverInfo = clientsWithoutReadyCheck.has(client) ? ask('info', 'server') : ask('info');
  const wasBusy = Promise.allSettled([clientInfo, serverInfo]).then((replies) =>
    replies.some((reply) => reply.status === 'rejected' && isBusyError(reply.reason)),
  );
  const whenDone = identify(connection, ask, { clientInfo, serverInfo }).catch(() => undefined);
  identifications.set(stream, { clientInfo, serverInfo, wasBusy, whenDone });
}

async function identify(connection: ManagedConnection, ask: AskServer, first: FirstReplies): Promise<void> {
  const { monitor } = connection;
  const identity = await askServerSideIdentity(ask, first);
  if (connection.monitor !== monitor) return; // a late answer to an earlier socket
  if (identity?.name !== connection.facts.name) {
    connection.report(nameRefusedError(identity?.name, connection.facts));
  }
  if (!identity) return;
  connection.onIdentified(identity.clientId);
  await monitor?.onIdentified(identity, ask);
}

/**
 * Waits until a socket is identified. Resolves with whether the server was too busy. A server before Redis 6.2 is asked a
 * second time, for which a client only waits if there are orphans to look for.
 */
async function waitForIdentity(stream: Socket, connection: ManagedConnection | undefined): Promise<boolean> {
  const identification = identifications.get(stream);
  if (!identification || (await identification.wasBusy)) return identification !== undefined;
  const isOldServer = await identification.clientInfo.then(
    () => false,
    () => true,
  );
  if (!isOldServer || connection?.hasOrphans()) await identification.whenDone;
  return false;
}

/** The first answer of the server to our questions. `undefined` if it has come, or if none were asked. */
export function whenAnswered(stream: Socket): Promise<unknown> | undefined {
  return stream.bytesRead === 0 ? identifications.get(stream)?.wasBusy : undefined;
}

/**
 * Sends commands without auto-pipelining, most of them before the client is ready. On a socket that has broken already
 * ioredis would keep them among the commands of the application. Once the client is ready, they would become steps of an
 * open transaction; before, its MULTI has not been sent.
 */
function askOver(client: Redis, stream: Socket): AskServer {
  const owner = connectionOf(clientInternals(client).connector)?.owner;
  return (command, ...args) => {
    if (!stream.writable) return Promise.reject(new Error('The connection broke.'));
    if (client.status === 'ready' && owner?.isInTransaction())
      return Promise.reject(new Error('A transaction is open.'));
    const question = new (copyOf(client).Command)(command, args, { replyEncoding: 'utf8' });
    return client.sendCommand(markOwnCommand(question)) as Promise<unknown>;
  };
}

/** Clients whose application has switched the ready check off. */
const clientsWithoutReadyCheck = new WeakSet<Redis>();

/** Makes ioredis call the ready check even if it is switched off. In that case only the identification is awaited. */
export function enableReadyCheck(client: Redis): void {
  if (!client.options.enableReadyCheck) clientsWithoutReadyCheck.add(client);
}

/**
 * Switches the option on from `connect` to `ready`, which is when ioredis reads it. At all other times it is the one of the
 * application, because libraries read it too: Bull refuses a client whose ready check is on.
 */
export function switchReadyCheck(client: Redis, status: string): void {
  if (status !== 'connect' && status !== 'ready') return;
  if (clientsWithoutReadyCheck.has(client)) client.options.enableReadyCheck = status === 'connect';
}

/** The client's options for a duplicate: with its own `enableReadyCheck`, and with the name if it was left out. */
export function callerOptionsOf(client: Redis): RedisOptions {
  const { options } = client;
  const connectionName =
    options.connectionName ?? connectionOf(clientInternals(client).connector)?.facts.name;
  const isReadyCheckOff = clientsWithoutReadyCheck.has(client);
  return { ...options, connectionName, ...(isReadyCheckOff && { enableReadyCheck: false }) };
}

/**
 * Replaces the client's own ready check, which is the last step of its handshake. It waits for the identification, so that
 * orphans are reaped before a subscriber subscribes again and before blocking commands are sent again.
 */
export function readyCheck(this: Redis, callback: ReadyCheckCallback): void {
  const { stream } = clientInternals(this);
  // ioredis 5 calls this in the turn in which the socket connects, just before the status becomes `connect`.
  process.nextTick(() => void (stream && checkReady(this, stream, callback)));
}

async function checkReady(client: Redis, stream: Socket, callback: ReadyCheckCallback): Promise<void> {
  const connection = connectionOf(clientInternals(client).connector);
  if (connection && isReadyAtOnce(client, stream, connection)) {
    callback(null, {});
    if (await whenAnswered(stream)) await introduceAgain(client, stream, connection);
    return;
  }
  const wasBusy = await waitForIdentity(stream, connection);
  if (wasBusy) await waitForServer(client, stream);
  if (!isCurrent(client, stream)) return;
  if (wasBusy) return repeatHandshake(stream, connection);
  if (clientsWithoutReadyCheck.has(client)) return callback(null, {});
  const info = await identifications.get(stream)?.serverInfo.catch(() => undefined);
  identifications.delete(stream);
  const fields = typeof info === 'string' ? readInfo(info) : undefined;
  if (fields && (fields['loading'] ?? '0') === '0' && hasOwnInfo(client)) callback(null, fields);
  else askReady(client, stream, callback);
}

/**
 * Repeats the handshake on a new connection: the server refused SELECT and the name too. At once if the server ran a script
 * until now. One that refuses CLIENT but answers INFO may do so the next time too, so the usual delay comes before.
 */
async function repeatHandshake(stream: Socket, connection: ManagedConnection | undefined): Promise<void> {
  const ranScript = await identifications.get(stream)?.serverInfo.then(() => false, isBusyError);
  if (ranScript) connection?.redial();
  else stream.destroy();
}

/**
 * Whether the client is ready before the server has answered, as it would be in ioredis, which has waited for no answer
 * either. Others wait: commands that are sent again or never again (as in pools and subscribers), connections over which
 * orphans are reaped, and a client whose last connection ended without an answer.
 */
function isReadyAtOnce(client: Redis, stream: Socket, connection: ManagedConnection): boolean {
  if (!clientsWithoutReadyCheck.has(client) || stream.bytesRead !== 0) return false;
  if (connection.awaitsAnswer || connection.hasOrphans()) return false;
  const commandsToResend = clientInternals(client).prevCommandQueue?.length ?? 0;
  return client.options.autoResendUnfulfilledCommands === true && commandsToResend === 0;
}

/** Repeats what a busy server has refused to a client that is ready: to select the database, and to set the name. */
async function introduceAgain(
  client: Redis,
  stream: Socket,
  connection: ManagedConnection,
  firstAttempt = 1,
): Promise<void> {
  let attempt = firstAttempt;
  do await waitForServer(client, stream, attempt++);
  while (connection.owner?.isInTransaction() && isCurrent(client, stream));
  if (!isCurrent(client, stream)) return;
  const { select } = clientInternals(client).condition;
  if (select) askOver(client, stream)('select', String(select)).catch(() => undefined);
  identifySocket(client, connection);
  if (await identifications.get(stream)?.wasBusy) await introduceAgain(client, stream, connection, attempt);
}

/** Whether INFO is the method of ioredis: an application may replace it, and decide by it when a client is ready. */
function hasOwnInfo(client: Redis): boolean {
  return client.info === (copyOf(client).Redis.prototype as Redis).info;
}

/** Fields of a reply to INFO, as ioredis gives them to a connector. */
function readInfo(info: string): Record<string, string> {
  const fields = info.matchAll(/^([^#:\r\n][^:\r\n]*):(.+?)\r?$/gm);
  return Object.fromEntries(Array.from(fields, ([, name = '', value = '']) => [name, value]));
}

/** Asks INFO again until the server has loaded its data, or handles that it is refused: with ioredis' own ready check. */
function askReady(client: Redis, stream: Socket, callback: ReadyCheckCallback): void {
  const prototype = clientInternals(copyOf(client).Redis.prototype as Redis);
  prototype._readyCheck.call(noticingLoading(client, stream), (error, info) => {
    if (isBusyError(error)) {
      void waitForServer(client, stream).then(() => {
        if (isCurrent(client, stream)) askReady(client, stream, callback);
      });
    } else callback(error, info);
  });
}

/** Sockets whose server was still loading its data when it was asked first. */
const loadingSockets = new WeakSet<Socket>();

/**
 * The members of a client that ioredis' ready check uses. The check asks INFO again until the server has loaded its data,
 * and tells nobody. The first such reply is reported here. The object does not inherit from the client: V8 would keep a
 * hidden class of its own for each client, which is a third of the client's memory.
 */
function noticingLoading(client: Redis, stream: Socket): ClientInternals {
  function info(callback: (error: Error | null, reply?: unknown) => void): Promise<unknown> {
    return client.info((error, reply) => {
      if (typeof reply === 'string' && LOADING.test(reply)) reportLoading(client, stream);
      callback(error ?? null, reply);
    });
  }
  const members = { info, options: client.options, _readyCheck: readyCheck.bind(client) };
  return members as unknown as ClientInternals;
}

const LOADING = /^loading:1/m;

function reportLoading(client: Redis, stream: Socket): void {
  const connection = connectionOf(clientInternals(client).connector);
  if (!connection || loadingSockets.has(stream)) return;
  loadingSockets.add(stream);
  connection.report(serverLoadingError(connection.facts));
}

/** Whether the socket is still the client's and can be written to. */
export function isCurrent(client: Redis, stream: Socket): boolean {
  return stream.writable && stream === clientInternals(client).stream;
}

/** Waits while the server runs a script, for as long as the socket is the client's. Pauses grow with the attempts. */
function waitForServer(client: Redis, stream: Socket, firstAttempt = 1): Promise<void> {
  return waitWhileBusy(askOver(client, stream), () => isCurrent(client, stream), firstAttempt);
}

/**
 * Pauses between two questions to a busy server: short enough for a script of a second, and at most two questions per
 * second from each client later.
 */
const MIN_PAUSE_MS = 50;
const PAUSE_BOUNDS: BackoffBounds = { baseMs: 100, capMs: 1_000 };

/** Asks a server that is busy with a script until it is not, for as long as the connection lasts. */
async function waitWhileBusy(ask: AskServer, isLasting: () => boolean, firstAttempt: number): Promise<void> {
  for (let attempt = firstAttempt; isLasting(); attempt += 1) {
    await pause(MIN_PAUSE_MS + fullJitter(attempt, PAUSE_BOUNDS, systemClock.random()));
    if (!isLasting() || !(await isBusy(ask))) return;
  }
}

/** Whether the server runs a script and answers nothing else. */
function isBusy(ask: AskServer): Promise<boolean> {
  return ask('info', 'server').then(() => false, isBusyError);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}
