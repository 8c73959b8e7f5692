import type { Redis, RedisOptions } from 'ioredis';
import { inspect } from 'node:util';
import { redact } from '../core/redact.js';
import type { Link, LinkOwner } from './link.js';
import { linkOf } from './connectors/enforced.js';
import { internals, ioredis } from './ioredis.js';
import { authRefusal, nameRefusal, removePassword } from './refusal.js';

// One set of functions for all clients, with the client as `this`: closures for each would weigh on the heap.

function own(client: Redis): Link | undefined {
  return linkOf(internals(client).connector);
}

/** Sends a command in the handshake, before the client is ready, past auto-pipelining. */
function ask(client: Redis, ...args: string[]): unknown {
  const command = new (ioredis().Command)('client', args, { replyEncoding: 'utf8' });
  return client.sendCommand(command);
}

/**
 * Asks the server for the connection's id and checks the name: ioredis swallows a refused SETNAME. Both ride
 * behind the handshake. A connection that breaks in between is told elsewhere.
 */
async function identify(client: Redis, link: Link): Promise<void> {
  const [id, name] = await Promise.allSettled([ask(client, 'ID'), ask(client, 'GETNAME')]);
  if (id.status === 'fulfilled') link.identified(Number(id.value));
  if (name.status === 'fulfilled' && name.value !== link.facts.name) {
    link.report(nameRefusal(name.value as string | null, link.facts));
  } else if (name.status === 'rejected' && /^NOPERM|unknown command/i.test((name.reason as Error).message)) {
    link.report(nameRefusal(null, link.facts));
  }
}

function onConnect(this: Redis): void {
  const link = own(this);
  if (link) void identify(this, link);
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

const ownProperties: PropertyDescriptorMap = {
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
