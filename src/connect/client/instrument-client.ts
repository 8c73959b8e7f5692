import type { Redis, RedisOptions } from 'ioredis';
import { inspect } from 'node:util';
import { redact } from '../../core/redact.js';
import type { ConnectionOwner } from '../connection/connection-terms.js';
import type { ManagedConnection } from '../connection/managed-connection.js';
import { connectionOf } from '../connectors/enforced-connector.js';
import { authRefusal, removePassword, saysBusy, saysFull } from '../ioredis/connection-errors.js';
import type { ClientInternals } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';
import { clientInternals } from '../ioredis/internals.js';
import { noteHandshake, rejectLeftovers } from '../ioredis/pending-commands.js';
import { askForReadyCheck, identifySocket, readyCheck } from './handshake.js';
import { credentialsRefused, credentialsTaken } from './retry-strategies.js';

// One set of functions for all clients, with the client as `this`: closures for each would weigh on the heap.

function own(client: Redis): ManagedConnection | undefined {
  return connectionOf(clientInternals(client).connector);
}

function begin(client: Redis, link: ManagedConnection): void {
  noteHandshake(client);
  identifySocket(client, link);
}

function ready({ options }: Redis, link: ManagedConnection): void {
  credentialsTaken(options);
  link.ready();
}

/** What a client's status means to its link. */
function follow(client: Redis, status: string): void {
  const link = own(client);
  if (!link) return;
  if (status === 'connect') begin(client, link);
  else if (status === 'ready') ready(client, link);
  else if (status === 'close') link.owner?.closed();
  else if (status === 'reconnecting') link.waiting();
  else if (status === 'end' && client.status === 'end') link.ended(); // else it dials again already
}

function plainParts(client: Redis): ClientInternals {
  return clientInternals(copyOf(client).Redis.prototype as Redis);
}

/**
 * Who is connected waits for no redial. Where connect() is called on a client that has a socket, the close of that one
 * has had ioredis set a timer; it spares a client that is `ready`, but a monitor would be dialled again for ever.
 */
function forgetRedial(client: Redis): void {
  const parts = clientInternals(client);
  if (parts.reconnectTimeout === null) return;
  clearTimeout(parts.reconnectTimeout as NodeJS.Timeout);
  parts.reconnectTimeout = null;
}

/**
 * Follows the status just before the event that tells of it. Not by listeners: an application may remove them,
 * and three more names of events weigh on every client.
 */
function setStatus(this: Redis, status: string, argument?: unknown): void {
  if (status === 'connecting') rejectLeftovers(this);
  if (status === 'connect') forgetRedial(this);
  process.nextTick(follow, this, status);
  plainParts(this).setStatus.call(this, status, argument);
}

/** Keeps the password out of what a failed handshake tells: a refused one is replaced, any other is cleaned. */
function recoverFromFatalError(this: Redis, commandError: Error, error: Error, options?: unknown): void {
  const link = own(this);
  for (const one of [commandError, error]) removePassword(one);
  const refusal = link && authRefusal(error, link.facts);
  if (refusal) {
    link.report(refusal);
    credentialsRefused(this.options);
  }
  // A server that has no room, or is busy, has not refused what waits. And whether its words arrive is a matter of luck.
  const flushed = saysFull(error) || saysBusy(error) ? { offlineQueue: false } : options;
  plainParts(this).recoverFromFatalError.call(this, refusal ?? commandError, refusal ?? error, flushed);
}

/**
 * Printing a client shows who it is. The properties of an ioredis client hold the password several times: in its
 * options, in its connector's, and in the handshake's condition.
 */
function describe(this: Redis): string {
  const { name, target } = own(this)?.facts ?? { name: '', target: '' };
  return `Redis <${name} → ${target}, ${this.status}>`;
}

function printOptions(this: RedisOptions): RedisOptions {
  return redact({ ...this });
}

/** A transaction that is sent step by step: a PING would become one of its steps. */
function isStepwise([commands, options]: readonly unknown[]): boolean {
  const given = Array.isArray(commands) ? options : (options ?? commands);
  return (given as { pipeline?: boolean } | undefined)?.pipeline === false;
}

type Multi = (...args: unknown[]) => unknown;

/** The method that ours stands before: the class's, also where the client is the prototype of a wrapper. */
function nextMulti(client: object): Multi {
  const { multi: next } = Object.getPrototypeOf(client) as { multi: Multi };
  return next === multi ? nextMulti(Object.getPrototypeOf(client) as object) : next;
}

function multi(this: Redis, ...args: unknown[]): unknown {
  if (isStepwise(args)) own(this)?.owner?.transactionOpened();
  return nextMulti(this).apply(this, args);
}

const ownProperties: PropertyDescriptorMap = {
  _readyCheck: { value: readyCheck, configurable: true, writable: true },
  multi: { value: multi, configurable: true, writable: true },
  setStatus: { value: setStatus, configurable: true, writable: true },
  recoverFromFatalError: { value: recoverFromFatalError, configurable: true, writable: true },
  [inspect.custom]: { value: describe, configurable: true, writable: true },
  toJSON: { value: describe, configurable: true, writable: true },
};

/** Pipelines and connectors point to a client's options. */
const printedOptions: PropertyDescriptor = { value: printOptions, configurable: true, writable: true };

/** Watches a client, so that its ledger entry follows it from dial to end. */
export function instrumentClient(client: Redis, owner: ConnectionOwner): void {
  own(client)?.adopt(owner);
  askForReadyCheck(client);
  Object.defineProperties(client, ownProperties);
  Object.defineProperty(client.options, inspect.custom, printedOptions);
}
