import type { Cluster, Redis } from 'ioredis';
import { inspect } from 'node:util';
import { printWithoutSecrets } from '../../core/redact.js';
import type { ConnectionOwner } from '../connection/connection-terms.js';
import type { ManagedConnection } from '../connection/managed-connection.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { type ClientInternals, clientInternals } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { markHandshakeCommands, rejectForgottenCommands } from '../ioredis/pending-commands.js';
import { flushQueue, handleReconnection, recoverFromFatalError, silentEmit } from './client-failures.js';
import {
  hideName,
  identifySocket,
  isCurrent,
  readyCheck,
  switchReadyCheck,
  whenAnswered,
} from './handshake.js';
import { monitorCall } from './monitor-mode.js';
import { type NoticedCommand, noticedClientMethod, noticedMethods } from './noticed-methods.js';
import { markCredentialsAccepted } from './retry-strategies.js';

// All clients share these functions, with the client as `this`: closures for each client would need more memory.

/** Properties of every client whose status is followed. */
const followedProperties: PropertyDescriptorMap = {
  ...noticedMethods(notice),
  client: noticedClientMethod((client, name) =>
    connectionOfClient(client as Redis)?.monitor?.onRenamed(name),
  ),
  _readyCheck: { value: readyCheck, configurable: true, writable: true },
  setStatus: { value: setStatus, configurable: true, writable: true },
  recoverFromFatalError: { value: recoverFromFatalError, configurable: true, writable: true },
  handleReconnection: { value: handleReconnection, configurable: true, writable: true },
  flushQueue: { value: flushQueue, configurable: true, writable: true },
  silentEmit: { value: silentEmit, configurable: true, writable: true },
  [inspect.custom]: { value: describe, configurable: true, writable: true },
  toJSON: { value: describe, configurable: true, writable: true },
};

/** Instruments a client, so that its connection and ledger entry follow it from the first dial to the end. */
export function followClientStatus(client: Redis, owner: ConnectionOwner): void {
  connectionOfClient(client)?.adopt(owner);
  Object.defineProperties(client, followedProperties);
  if (client.options.monitor) Object.defineProperty(client, 'call', monitorCall);
  printWithoutSecrets(client.options); // also in pipelines and connectors, which refer to them
}

function notice(client: Redis | Cluster, command: NoticedCommand): void {
  const owner = connectionOfClient(client as Redis)?.owner;
  if (command === 'multi') owner?.onTransactionOpening();
  else owner?.onWatchOpening();
}

function connectionOfClient(client: Redis): ManagedConnection | undefined {
  return connectionOf(clientInternals(client).connector);
}

/** Methods of the client's class, without the ones that are replaced on the client itself. */
function prototypeInternals(client: Redis): ClientInternals {
  return clientInternals(copyOf(client).Redis.prototype as Redis);
}

/**
 * Reports each status to the connection, just before the event of that name. Listeners are not used, because an
 * application may remove them, and because three more event names need memory in every client.
 */
function setStatus(this: Redis, status: string, argument?: unknown): void {
  if (status === 'connecting') {
    clientInternals(this).manuallyClosing = false; // connect() after a disconnect() that ended no socket
    cancelRedial(this); // connect() while the client waits to redial
    rejectForgottenCommands(this);
  }
  if (status === 'connect') {
    cancelRedial(this);
    clientInternals(this).stream?.cork(); // until our questions are written: one write for the whole handshake
    if (connectionOfClient(this)?.isIntroduced) process.nextTick(hideName(this));
  }
  switchReadyCheck(this, status);
  process.nextTick(reportStatus, this, status);
  prototypeInternals(this).setStatus.call(this, status, argument);
}

/**
 * Cancels the timer that ioredis sets when connect() is called on a client that has a socket, because that socket closes.
 * For a client that is `ready` the timer does nothing, but a client in monitor mode would be dialled again forever.
 */
function cancelRedial(client: Redis): void {
  const internals = clientInternals(client);
  if (internals.reconnectTimeout === null) return;
  clearTimeout(internals.reconnectTimeout as NodeJS.Timeout);
  internals.reconnectTimeout = null;
}

function reportStatus(client: Redis, status: string): void {
  const connection = connectionOfClient(client);
  if (!connection) return;
  if (status === 'connect') {
    markHandshakeCommands(client);
    identifySocket(client, connection);
    clientInternals(client).stream?.uncork();
  } else if (status === 'ready') void reportReady(client, connection);
  else if (status === 'close') connection.owner?.onSocketClosed();
  else if (status === 'reconnecting') connection.onReconnecting();
  else if (status === 'end' && client.status === 'end') connection.onEnded(); // else the client dials again already
}

/** Reports that the handshake is done: at once, or with the first answer to a client that did not wait for it. */
async function reportReady(client: Redis, connection: ManagedConnection): Promise<void> {
  const { stream } = clientInternals(client);
  const answer = stream && whenAnswered(stream);
  if (answer) {
    connection.awaitsAnswer = true;
    await answer;
    if (!isCurrent(client, stream)) return;
  }
  markCredentialsAccepted(client.options);
  connection.onReady();
}

/**
 * Prints a client by name, target and status. The properties of an ioredis client contain the password several times: in
 * its options, in those of its connector, and in the condition of the handshake.
 */
function describe(this: Redis): string {
  const { name, target } = connectionOfClient(this)?.facts ?? { name: '', target: '' };
  return `Redis <${name} → ${target}, ${this.status}>`;
}
