import type { Redis } from 'ioredis';
import type { EventEmitter } from 'node:events';
import { connectionClosed } from '../connect/ioredis/connection-errors.js';
import type { HygieneError } from '../core/errors.js';
import type { SeenCommand } from './session-state.js';

/** Whoever borrows a connection, as its view asks: whether it may, and on what. */
export interface Borrowing {
  /** The connection's own client. */
  readonly lent: Redis;
  readonly listeners: ListenerList;
  /** Why no more work is taken, or nothing. */
  refusal(): HygieneError | undefined;
  note(command: SeenCommand): void;
}

type EventName = string | symbol;
type Listener = (...args: unknown[]) => void;

/** ioredis types its events one by one; here all of them are alike. */
function emitterOf(client: Redis): EventEmitter {
  return client;
}

/** What a borrower listens to on the connection that it was lent: it goes with the lease. */
export class ListenerList {
  #entries: (readonly [event: EventName, listener: Listener])[] = NONE;

  add(event: EventName, listener: Listener): void {
    this.#entries = [...this.#entries, [event, listener]];
  }

  /** Takes away all of them, or those of one event. */
  removeFrom(client: Redis, event?: EventName): void {
    if (this.#entries.length === 0) return;
    const gone = this.#entries.filter(([name]) => event === undefined || name === event);
    gone.forEach(([name, listener]) => emitterOf(client).off(name, listener));
    this.#entries = this.#entries.filter((entry) => !gone.includes(entry));
  }
}

/** Most borrowers listen to nothing. */
const NONE: (readonly [EventName, Listener])[] = [];

const BORROWING = Symbol('borrowing');

type View = Redis & { [BORROWING]: Borrowing };

/** Where auto-pipelining keeps what it holds back. */
interface AutoPipelines {
  _autoPipelines: Map<string, unknown>;
  _runningAutoPipelines: Set<string>;
}

interface Command extends SeenCommand {
  readonly promise: Promise<unknown>;
  reject(error: Error): void;
}

type Method = (this: View, ...args: unknown[]) => unknown;

/** Every command of every kind comes through here: single ones, pipelines, transactions, scripts. */
function sendCommand(this: View, command: Command, stream?: unknown): unknown {
  const borrowing = this[BORROWING];
  const refusal = borrowing.refusal();
  if (refusal) {
    command.reject(refusal);
    return command.promise;
  }
  borrowing.note(command);
  return (borrowing.lent.sendCommand as (command: Command, stream?: unknown) => unknown)(command, stream);
}

function present(view: View): Redis {
  const refusal = view[BORROWING].refusal();
  if (refusal) throw refusal;
  return view[BORROWING].lent;
}

/** On the connection itself: what these change must not stay on the view. */
function forwarded(name: 'disconnect' | 'end' | 'duplicate' | 'monitor'): Method {
  return function (this: View, ...args) {
    const client = present(this) as unknown as Record<typeof name, (...args: unknown[]) => unknown>;
    return client[name](...args);
  };
}

/** A pooled connection has one life. What its client dialled after that would belong to nobody. */
async function connect(this: View): Promise<void> {
  const client = present(this);
  if (client.status === 'end') throw connectionClosed();
  await client.connect();
}

function listening(name: 'on' | 'once' | 'prependListener' | 'prependOnceListener') {
  return function (this: View, event: EventName, listener: Listener): unknown {
    emitterOf(present(this))[name](event, listener);
    this[BORROWING].listeners.add(event, listener);
    return this;
  };
}

/** After the lease nothing is left to take away, so a late clean-up does no harm. */
function unlisten(this: View, event: EventName, listener: Listener): unknown {
  const borrowing = this[BORROWING];
  if (!borrowing.refusal()) emitterOf(borrowing.lent).off(event, listener);
  return this;
}

function unlistenAll(this: View, event?: EventName): unknown {
  const borrowing = this[BORROWING];
  if (!borrowing.refusal()) borrowing.listeners.removeFrom(borrowing.lent, event);
  return this;
}

/** A script of one borrower is none of the next one's. */
function defineCommand(this: View, ...args: unknown[]): unknown {
  const own = Object.hasOwn(this, 'scriptsSet');
  const parts = this as unknown as { scriptsSet: object; defineCommand: Method };
  if (!own) parts.scriptsSet = { ...parts.scriptsSet };
  const { defineCommand: next } = Object.getPrototypeOf(present(this)) as { defineCommand: Method };
  return Reflect.apply(next, this, args);
}

function methods(table: Readonly<Record<string, unknown>>): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [name, { value, configurable: true, writable: true }]),
  );
}

const overridden = methods({
  sendCommand,
  connect,
  disconnect: forwarded('disconnect'),
  end: forwarded('end'),
  duplicate: forwarded('duplicate'),
  monitor: forwarded('monitor'),
  on: listening('on'),
  addListener: listening('on'),
  once: listening('once'),
  prependListener: listening('prependListener'),
  prependOnceListener: listening('prependOnceListener'),
  off: unlisten,
  removeListener: unlisten,
  removeAllListeners: unlistenAll,
  defineCommand,
});

/** What all views of one connection have in common. */
export function createClientPrototype(client: Redis): object {
  return Object.create(client, overridden) as object;
}

/**
 * A client for one borrower: everything of the connection's own client, by inheritance, until the lease ends. Not a
 * Proxy, so that reading from it costs nothing; what the borrower sets on it stays on it.
 */
export function createLeasedClient(face: object, borrowing: Borrowing): Redis {
  const view = Object.create(face) as View;
  view[BORROWING] = borrowing;
  if (borrowing.lent.options.enableAutoPipelining) separate(view as unknown as AutoPipelines);
  return view;
}

/** What one borrower's commands are held back with must not take in those of the next one, or of the last. */
function separate(view: AutoPipelines): void {
  view._autoPipelines = new Map();
  view._runningAutoPipelines = new Set();
}

/** Who borrowed a view. */
export function borrowingOf(view: object): Borrowing | undefined {
  return (view as Partial<View>)[BORROWING];
}
