import type { Redis } from 'ioredis';
import type { EventEmitter } from 'node:events';
import type { SentCommand } from '../connect/ioredis/command-replies.js';
import { connectionClosedError } from '../connect/ioredis/connection-errors.js';
import type { HygieneError } from '../core/errors.js';

/** The part of a lease that its client uses. */
export interface ClientLease {
  /** The client of the connection, to which the leased client forwards. */
  readonly pooledClient: Redis;
  readonly listeners: ListenerList;
  /** The error for all work after the end of the lease, `undefined` while it lasts. */
  endedError(): HygieneError | undefined;
  recordCommand(command: SentCommand): void;
}

const LEASE = Symbol('lease');

type LeasedClient = Redis & { [LEASE]: ClientLease };

/**
 * Creates the client of one lease. It inherits from the connection's client and works until the lease ends. Properties
 * that the borrower sets stay on the leased client. Not a Proxy, which would slow down every property access.
 *
 * @param prototype Made by `createLeasedClientPrototype()`, once per connection.
 */
export function createLeasedClient(prototype: object, lease: ClientLease): Redis {
  const client = Object.create(prototype) as LeasedClient;
  client[LEASE] = lease;
  if (lease.pooledClient.options.enableAutoPipelining)
    separateAutoPipelines(client as unknown as AutoPipelines);
  return client;
}

/** Creates the prototype that the leased clients of one connection share. */
export function createLeasedClientPrototype(client: Redis): object {
  return Object.create(client, overriddenMethods) as object;
}

/** The lease of a leased client, `undefined` for any other object. */
export function leaseOf(client: object): ClientLease | undefined {
  return (client as Partial<LeasedClient>)[LEASE];
}

type EventName = string | symbol;

type Listener = (...args: unknown[]) => void;

type ListenerEntry = readonly [event: EventName, listener: Listener];

/** Shared by all leases without listeners, which are most of them. */
const NO_LISTENERS: ListenerEntry[] = [];

/** The listeners that a borrower added to the connection's client. They are removed when the lease ends. */
export class ListenerList {
  #entries = NO_LISTENERS;

  add(event: EventName, listener: Listener): void {
    this.#entries = [...this.#entries, [event, listener]];
  }

  /** Removes all listeners from the client, or those of one event. */
  removeFrom(client: Redis, event?: EventName): void {
    if (this.#entries.length === 0) return;
    const removed = this.#entries.filter(([name]) => event === undefined || name === event);
    removed.forEach(([name, listener]) => toEmitter(client).off(name, listener));
    this.#entries = this.#entries.filter((entry) => !removed.includes(entry));
  }
}

/** ioredis types each of its events. As an EventEmitter the client takes any event name. */
function toEmitter(client: Redis): EventEmitter {
  return client;
}

/** Where ioredis keeps the commands that auto-pipelining holds back. */
interface AutoPipelines {
  _autoPipelines: Map<string, unknown>;
  _runningAutoPipelines: Set<string>;
}

/** Gives a leased client its own pipelines, so that commands of two borrowers never share one. */
function separateAutoPipelines(client: AutoPipelines): void {
  client._autoPipelines = new Map();
  client._runningAutoPipelines = new Set();
}

interface Command extends SentCommand {
  readonly promise: Promise<unknown>;
}

type Method = (this: LeasedClient, ...args: unknown[]) => unknown;

/** ioredis sends every command through this method: single commands, pipelines, transactions and scripts. */
function sendCommand(this: LeasedClient, command: Command, stream?: unknown): unknown {
  const lease = this[LEASE];
  const error = lease.endedError();
  if (error) {
    command.reject(error);
    return command.promise;
  }
  lease.recordCommand(command);
  return (lease.pooledClient.sendCommand as (command: Command, stream?: unknown) => unknown)(command, stream);
}

/** @throws HygieneError `HYG_LEASE_ENDED` */
function requirePooledClient(client: LeasedClient): Redis {
  const error = client[LEASE].endedError();
  if (error) throw error;
  return client[LEASE].pooledClient;
}

/** Calls the method on the connection's client, as these methods set properties of `this`. */
function forwarding(name: 'disconnect' | 'end' | 'duplicate' | 'monitor'): Method {
  return function (this: LeasedClient, ...args) {
    const client = requirePooledClient(this) as unknown as Record<
      typeof name,
      (...args: unknown[]) => unknown
    >;
    return client[name](...args);
  };
}

/** Refuses to dial again after the connection has ended: the pool would not know of the new socket. */
async function connect(this: LeasedClient): Promise<void> {
  const client = requirePooledClient(this);
  if (client.status === 'end') throw connectionClosedError();
  await client.connect();
}

function addingListener(name: 'on' | 'once' | 'prependListener' | 'prependOnceListener') {
  return function (this: LeasedClient, event: EventName, listener: Listener): unknown {
    toEmitter(requirePooledClient(this))[name](event, listener);
    this[LEASE].listeners.add(event, listener);
    return this;
  };
}

/** Does nothing after the lease, which has removed all listeners: late clean-up code must not throw. */
function removeListener(this: LeasedClient, event: EventName, listener: Listener): unknown {
  const lease = this[LEASE];
  if (!lease.endedError()) toEmitter(lease.pooledClient).off(event, listener);
  return this;
}

function removeAllListeners(this: LeasedClient, event?: EventName): unknown {
  const lease = this[LEASE];
  if (!lease.endedError()) lease.listeners.removeFrom(lease.pooledClient, event);
  return this;
}

/** Defines the command on the leased client only, so that the next borrower does not get it. */
function defineCommand(this: LeasedClient, ...args: unknown[]): unknown {
  const parts = this as unknown as { scriptsSet: object; defineCommand: Method };
  if (!Object.hasOwn(this, 'scriptsSet')) parts.scriptsSet = { ...parts.scriptsSet };
  const original = Object.getPrototypeOf(requirePooledClient(this)) as { defineCommand: Method };
  return Reflect.apply(original.defineCommand, this, args);
}

function toDescriptors(methods: Readonly<Record<string, unknown>>): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.entries(methods).map(([name, value]) => [name, { value, configurable: true, writable: true }]),
  );
}

const overriddenMethods = toDescriptors({
  sendCommand,
  connect,
  disconnect: forwarding('disconnect'),
  end: forwarding('end'),
  duplicate: forwarding('duplicate'),
  monitor: forwarding('monitor'),
  on: addingListener('on'),
  addListener: addingListener('on'),
  once: addingListener('once'),
  prependListener: addingListener('prependListener'),
  prependOnceListener: addingListener('prependOnceListener'),
  off: removeListener,
  removeListener,
  removeAllListeners,
  defineCommand,
});
