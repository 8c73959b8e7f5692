import type { Redis, RedisOptions } from 'ioredis';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { redact } from '../core/redact.js';
import { askPassport, type Ask } from '../liveness/passport.js';
import type { Link, LinkOwner } from './link.js';
import { linkOf } from './connectors/enforced.js';
import { internals, ioredis } from './ioredis.js';
import { authRefusal, nameRefusal, removePassword } from './refusal.js';

// One set of functions for all clients, with the client as `this`: closures for each would weigh on the heap.

function own(client: Redis): Link | undefined {
  return linkOf(internals(client).connector);
}

/** Sends a command in the handshake, before the client is ready, past auto-pipelining. */
function askOver(client: Redis): Ask {
  return (command, ...args) =>
    client.sendCommand(new (ioredis().Command)(command, args, { replyEncoding: 'utf8' })) as Promise<unknown>;
}

/** The sockets whose introduction is under way. */
const introductions = new WeakMap<Socket, Promise<void>>();

/**
 * Asks the server how it knows the connection, checks the name (ioredis swallows a refused SETNAME), and reaps
 * what the server still holds of this client's earlier sockets. A connection that breaks in between is told
 * elsewhere.
 */
async function introduce(client: Redis, link: Link): Promise<void> {
  const { vitals } = link;
  const ask = askOver(client);
  const passport = await askPassport(ask);
  if (link.vitals !== vitals) return;
  if (passport?.name !== link.facts.name) link.report(nameRefusal(passport?.name, link.facts));
  if (!passport) return;
  link.identified(passport.clientId);
  await vitals?.introduced(passport, ask);
}

/** Resolves when a socket has been introduced, and never if it breaks before that. */
function introduced(socket: Socket | undefined): Promise<void> {
  return (socket && introductions.get(socket)) ?? Promise.resolve();
}

function onConnect(this: Redis): void {
  const link = own(this);
  const { stream } = internals(this);
  if (!link || !stream) return;
  const done = () => void introductions.delete(stream);
  introductions.set(stream, introduce(this, link).then(done, done));
}

/**
 * The last step of the handshake waits for the introduction, so that orphans are reaped before a subscriber
 * subscribes again and before blocking commands are sent again.
 */
function readyCheck(this: Redis, callback: (...args: unknown[]) => void): void {
  const { stream } = internals(this);
  const go = () => {
    if (stream === internals(this).stream && stream?.writable)
      internals(ioredis().Redis.prototype as Redis)._readyCheck.call(this, callback);
  };
  // ioredis 5 asks in the turn in which the socket is up, just before it emits `connect`.
  process.nextTick(() => void introduced(stream).then(go));
}

function onReady(this: Redis): void {
  own(this)?.ready();
}

function onEnd(this: Redis): void {
  own(this)?.ended();
}

/** Keeps the password out of what a failed handshake tells: a refused one is replaced, any other is cleaned. */
function recoverFromFatalError(this: Redis, commandError: Error, error: Error, options?: unknown): void {
  const link = own(this);
  for (const one of [commandError, error]) removePassword(one);
  const refusal = link && authRefusal(error, link.facts);
  if (refusal) link.report(refusal);
  const plain = internals(ioredis().Redis.prototype as Redis);
  plain.recoverFromFatalError.call(this, refusal ?? commandError, refusal ?? error, options);
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

/** A transaction that is sent step by step, where a PING would become one of its steps. */
function isStepwise([commands, options]: readonly unknown[]): boolean {
  const given = (Array.isArray(commands) ? options : (options ?? commands)) as
    { pipeline?: boolean } | undefined;
  return given?.pipeline === false;
}

function multi(this: Redis, ...args: unknown[]): unknown {
  if (isStepwise(args)) own(this)?.owner?.transactionOpened();
  const { multi: next } = Object.getPrototypeOf(this) as { multi: (...args: unknown[]) => unknown };
  return next.apply(this, args);
}

const ownProperties: PropertyDescriptorMap = {
  _readyCheck: { value: readyCheck, configurable: true, writable: true },
  multi: { value: multi, configurable: true, writable: true },
  recoverFromFatalError: { value: recoverFromFatalError, configurable: true, writable: true },
  [inspect.custom]: { value: describe, configurable: true, writable: true },
  toJSON: { value: describe, configurable: true, writable: true },
};

/** Pipelines and connectors point to a client's options. */
const printedOptions: PropertyDescriptor = { value: printOptions, configurable: true, writable: true };

/** Watches a client, so that its ledger entry follows it from dial to end. */
export function watchClient(client: Redis, owner: LinkOwner): void {
  own(client)?.adopt(owner);
  Object.defineProperties(client, ownProperties);
  Object.defineProperty(client.options, inspect.custom, printedOptions);
  client.on('connect', onConnect);
  client.on('ready', onReady);
  client.on('end', onEnd);
}
