import type { Redis, RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import { type BackoffBounds, fullJitter } from '../../core/backoff.js';
import { systemClock } from '../../core/clock.js';
import { type Ask, askServerSideIdentity } from '../../liveness/server-side-identity.js';
import type { ManagedConnection } from '../connection/managed-connection.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { nameRefusal, saysBusy } from '../ioredis/connection-errors.js';
import type { ReadyCheckCallback } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { clientInternals } from '../ioredis/internals.js';

/**
 * Sends a command in the handshake, before the client is ready, past auto-pipelining. On a socket that has broken
 * already ioredis would keep it among the commands of the application.
 */
function askOver(client: Redis, stream: Socket): Ask {
  return (command, ...args) => {
    if (!stream.writable) return Promise.reject(new Error('The connection broke.'));
    return client.sendCommand(
      new (copyOf(client).Command)(command, args, { replyEncoding: 'utf8' }),
    ) as Promise<unknown>;
  };
}

async function exchange(client: Redis, link: ManagedConnection, stream: Socket): Promise<void> {
  const { vitals } = link;
  const ask = askOver(client, stream);
  const passport = await askServerSideIdentity(ask);
  if (link.vitals !== vitals) return; // a late answer of an earlier socket
  if (passport?.name !== link.facts.name) link.report(nameRefusal(passport?.name, link.facts));
  if (!passport) return;
  link.identified(passport.clientId);
  await vitals?.introduced(passport, ask);
}

/** The sockets whose introduction is under way, or for which the server was too busy: that is what it resolves to. */
const underWay = new WeakMap<Socket, Promise<boolean>>();

/**
 * Introduces the client's new socket: asks the server how it knows the connection, checks the name (ioredis swallows
 * a refused SETNAME), and reaps what the server still holds of this client's earlier sockets. It rides behind the
 * handshake. A connection that breaks meanwhile is told elsewhere.
 */
export function identifySocket(client: Redis, link: ManagedConnection): void {
  const { stream } = clientInternals(client);
  if (!stream) return;
  const introduced = exchange(client, link, stream).then(() => false, saysBusy);
  underWay.set(stream, introduced);
  void introduced.then((wasBusy) => wasBusy || underWay.delete(stream));
}

/** Clients whose application wants no ready check. */
const unchecked = new WeakSet<Redis>();

/** Has ioredis ask for the ready check, also where it is switched off: the introduction alone takes its place then. */
export function askForReadyCheck(client: Redis): void {
  if (client.options.enableReadyCheck) return;
  unchecked.add(client);
  client.options.enableReadyCheck = true;
}

/** The client's options as its application gave them, for a duplicate. */
export function givenOptions(client: Redis): RedisOptions {
  return unchecked.has(client) ? { ...client.options, enableReadyCheck: false } : client.options;
}

/** The socket is still the client's, and nobody has begun to close it. */
function isCurrent(client: Redis, stream: Socket): boolean {
  return stream.writable && stream === clientInternals(client).stream;
}

/** A server that runs a script is asked now and then over the connection that there is, until the script has ended. */
function outlast(client: Redis, stream: Socket): Promise<void> {
  return waitWhileBusy(askOver(client, stream), () => isCurrent(client, stream));
}

async function check(client: Redis, stream: Socket, callback: ReadyCheckCallback): Promise<void> {
  const wasBusy = await underWay.get(stream);
  if (wasBusy) await outlast(client, stream);
  if (!isCurrent(client, stream)) return;
  // All of the handshake was refused, SELECT and the name included: it is made anew, on a new connection.
  if (wasBusy) return connectionOf(clientInternals(client).connector)?.redial();
  if (unchecked.has(client)) return callback(null, {});
  clientInternals(copyOf(client).Redis.prototype as Redis)._readyCheck.call(client, (error, info) => {
    if (saysBusy(error)) void outlast(client, stream).then(() => check(client, stream, callback));
    else callback(error, info);
  });
}

/**
 * In the place of a client's own ready check, the last step of its handshake: it waits for the introduction, so that
 * orphans are reaped before a subscriber subscribes again and before blocking commands are sent again.
 */
export function readyCheck(this: Redis, callback: ReadyCheckCallback): void {
  const { stream } = clientInternals(this);
  // ioredis 5 asks in the turn in which the socket is up, just before the status becomes `connect`.
  process.nextTick(() => void (stream && check(this, stream, callback)));
}

/** Often enough for a script of a second, and two questions in a second from each client at most. */
const LEAST_MS = 50;
const MORE: BackoffBounds = { baseMs: 100, capMs: 1_000 };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

/** Whether a script keeps the server from answering. */
function isBusy(ask: Ask): Promise<boolean> {
  return ask('info', 'server').then(() => false, saysBusy);
}

/** Asks a server that is busy with a script until it is not, while the connection lasts. */
async function waitWhileBusy(ask: Ask, lasts: () => boolean): Promise<void> {
  for (let attempt = 1; lasts(); attempt += 1) {
    await pause(LEAST_MS + fullJitter(attempt, MORE, systemClock.random()));
    if (!lasts() || !(await isBusy(ask))) return;
  }
}
