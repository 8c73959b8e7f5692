import { isBusyError } from '../../core/errors.js';
import type { Redis, RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import { type BackoffBounds, fullJitter } from '../../core/backoff.js';
import { systemClock } from '../../core/clock.js';
import { type AskServer, askServerSideIdentity } from '../../liveness/server-side-identity.js';
import type { ManagedConnection } from '../connection/managed-connection.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { nameRefusedError, serverLoadingError } from '../ioredis/connection-errors.js';
import { type ClientInternals, clientInternals, type ReadyCheckCallback } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { markOwnCommand } from '../ioredis/pending-commands.js';

/**
 * Identifications by socket. Each resolves to whether the server was too busy. An entry is kept while its identification is
 * in progress, and afterwards only if the server was busy.
 */
const identifications = new WeakMap<Socket, Promise<boolean>>();

/**
 * Identifies the client's new socket, right behind the handshake: asks how the server identifies the connection, checks
 * the name (ioredis swallows a refused SETNAME), and reaps orphans that earlier sockets of this client left on the server.
 * A connection that breaks meanwhile is reported elsewhere.
 */
export function identifySocket(client: Redis, connection: ManagedConnection): void {
  const { stream } = clientInternals(client);
  if (!stream) return;
  const identification = identify(client, connection, stream).then(() => false, isBusyError);
  identifications.set(stream, identification);
  void identification.then((wasBusy) => wasBusy || identifications.delete(stream));
}

async function identify(client: Redis, connection: ManagedConnection, stream: Socket): Promise<void> {
  const { monitor } = connection;
  const ask = askOver(client, stream);
  const identity = await askServerSideIdentity(ask);
  if (connection.monitor !== monitor) return; // a late answer to an earlier socket
  if (identity?.name !== connection.facts.name) {
    connection.report(nameRefusedError(identity?.name, connection.facts));
  }
  if (!identity) return;
  connection.onIdentified(identity.clientId);
  await monitor?.onIdentified(identity, ask);
}

/**
 * Sends commands during the handshake, before the client is ready, without auto-pipelining. On a socket that has broken
 * already ioredis would keep them among the commands of the application.
 */
function askOver(client: Redis, stream: Socket): AskServer {
  return (command, ...args) => {
    if (!stream.writable) return Promise.reject(new Error('The connection broke.'));
    const question = new (copyOf(client).Command)(command, args, { replyEncoding: 'utf8' });
    return client.sendCommand(markOwnCommand(question)) as Promise<unknown>;
  };
}

/** Clients whose application has switched the ready check off. */
const clientsWithoutReadyCheck = new WeakSet<Redis>();

/** Makes ioredis call the ready check even if it is switched off. In that case only the identification is awaited. */
export function enableReadyCheck(client: Redis): void {
  if (client.options.enableReadyCheck) return;
  clientsWithoutReadyCheck.add(client);
  client.options.enableReadyCheck = true;
}

/** The client's options without the change of `enableReadyCheck`, for a duplicate. */
export function callerOptionsOf(client: Redis): RedisOptions {
  return clientsWithoutReadyCheck.has(client)
    ? { ...client.options, enableReadyCheck: false }
    : client.options;
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
  const wasBusy = await identifications.get(stream);
  if (wasBusy) await waitForServer(client, stream);
  if (!isCurrent(client, stream)) return;
  // The server refused the whole handshake, SELECT and the name included, so it is repeated on a new connection.
  if (wasBusy) return connectionOf(clientInternals(client).connector)?.redial();
  if (clientsWithoutReadyCheck.has(client)) return callback(null, {});
  const prototype = clientInternals(copyOf(client).Redis.prototype as Redis);
  prototype._readyCheck.call(noticingLoading(client, stream), (error, info) => {
    if (isBusyError(error)) {
      void waitForServer(client, stream).then(() => checkReady(client, stream, callback));
    } else callback(error, info);
  });
}

/** Sockets whose server was still loading its data when it was asked first. */
const loadingSockets = new WeakSet<Socket>();

/**
 * The client as ioredis' ready check uses it. The check asks INFO again until the server has loaded its data, and tells
 * nobody. The first such reply is reported here.
 */
function noticingLoading(client: Redis, stream: Socket): ClientInternals {
  function info(callback: (error: Error | null, reply?: unknown) => void): Promise<unknown> {
    return client.info((error, reply) => {
      if (typeof reply === 'string' && LOADING.test(reply)) reportLoading(client, stream);
      callback(error ?? null, reply);
    });
  }
  return Object.create(client, {
    info: { value: info },
    _readyCheck: { value: readyCheck.bind(client) },
  }) as ClientInternals;
}

const LOADING = /^loading:1/m;

function reportLoading(client: Redis, stream: Socket): void {
  const connection = connectionOf(clientInternals(client).connector);
  if (!connection || loadingSockets.has(stream)) return;
  loadingSockets.add(stream);
  connection.report(serverLoadingError(connection.facts));
}

/** Whether the socket is still the client's and can be written to. */
function isCurrent(client: Redis, stream: Socket): boolean {
  return stream.writable && stream === clientInternals(client).stream;
}

/** Waits while the server runs a script, for as long as the socket is the client's. */
function waitForServer(client: Redis, stream: Socket): Promise<void> {
  return waitWhileBusy(askOver(client, stream), () => isCurrent(client, stream));
}

/**
 * Pauses between two questions to a busy server: short enough for a script of a second, and at most two questions per
 * second from each client later.
 */
const MIN_PAUSE_MS = 50;
const PAUSE_BOUNDS: BackoffBounds = { baseMs: 100, capMs: 1_000 };

/** Asks a server that is busy with a script until it is not, for as long as the connection lasts. */
async function waitWhileBusy(ask: AskServer, isLasting: () => boolean): Promise<void> {
  for (let attempt = 1; isLasting(); attempt += 1) {
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
