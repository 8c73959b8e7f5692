import type * as IoredisModule from 'ioredis';
import type { Redis } from 'ioredis';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { HygieneError } from '../core/errors.js';
import { knowCopy } from './copies.js';
import { isSupported } from './supported.js';

/** The module `ioredis`, of whichever major is installed. */
export type Ioredis = typeof IoredisModule;

/** One attempt at an ioredis connector: it dials, and it closes. */
export interface Connector {
  firstError?: Error;
  /** The latest socket; protected in the types of ioredis. */
  stream?: Socket;
  check(info: unknown): boolean;
  connect(emit: (type: string, error: Error) => void): Promise<Socket>;
  disconnect(): void;
}

export type ConnectorClass = new (options: unknown) => Connector;

export interface QueuedCommand {
  readonly command: {
    readonly name: string;
    readonly args: readonly unknown[];
    reject(error: Error): void;
  };
}

export interface Queue {
  readonly length: number;
  peekFront(): QueuedCommand | undefined;
  shift(): QueuedCommand | undefined;
  push(queued: QueuedCommand): unknown;
  unshift(queued: QueuedCommand): unknown;
  toArray(): QueuedCommand[];
  clear(): void;
}

/** What a client is subscribed to; it comes with the first subscription, and goes with the last one. */
export interface SubscriptionSet {
  isEmpty(): boolean;
  /** The server has ended a subscription, asked (`unsubscribe`, `sunsubscribe`, …) or not. */
  del(type: string, channel: string): void;
}

/** Hears that the server is ready, with what INFO said, or why it is not. */
export type ReadyCheckCallback = (error: Error | null, info?: object) => void;

/**
 * What we use of a client beyond its public types. Both majors have it, and
 * test/functional/ioredis-contract.test.ts fails when one of them drops it.
 */
export interface ClientInternals {
  readonly connector: Connector;
  readonly stream: Socket | undefined;
  /** True from quit() or disconnect() until the socket has closed. */
  manuallyClosing: boolean;
  /** The pending redial, if any. */
  reconnectTimeout: unknown;
  readonly commandQueue: Queue;
  readonly offlineQueue: Queue;
  /** Commands of the last connection, while the next one is in its handshake: they are sent again then. */
  prevCommandQueue?: Queue | null;
  /** Of the present connection: what is subscribed on it, nothing outside of the subscriber mode. */
  readonly condition: { subscriber: SubscriptionSet | false };
  /** Rejects the commands that wait: those in flight and, unless told otherwise, those that have not been sent. */
  flushQueue(error: Error, options?: { readonly offlineQueue: boolean }): void;
  /** Asks INFO until the server has loaded its data: the last step before `ready`, where it is not switched off. */
  _readyCheck(callback: ReadyCheckCallback): void;
  /** Sets the status, and emits it as an event in the next tick. */
  setStatus(status: string, argument?: unknown): void;
  /** Every failure of the handshake comes through here, before it rejects commands and becomes an event. */
  recoverFromFatalError(commandError: Error, error: Error, options?: unknown): void;
}

export function clientInternals(client: Redis): ClientInternals {
  return client as unknown as ClientInternals;
}

// createRequire, so that tracing libraries which hook require() see the load.
const require = createRequire(import.meta.url);

interface LoadedIoredis {
  readonly module: Ioredis;
  readonly file: string;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
}

function locate(): string {
  try {
    return require.resolve('ioredis');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new HygieneError('HYG_IOREDIS_MISSING', 'The package ioredis was not found.', { cause: error });
  }
}

function load(): LoadedIoredis {
  const file = locate();
  const { version } = require('ioredis/package.json') as { version: string };
  if (!isSupported(version)) {
    throw new HygieneError('HYG_IOREDIS_VERSION', `Found ioredis ${version}, expected ^5.11 or ^6.`, {
      details: { version, file },
    });
  }
  return { module: require('ioredis') as Ioredis, file };
}

let loaded: LoadedIoredis | undefined;

function ours(): LoadedIoredis {
  if (!loaded) knowCopy((loaded = load()).module);
  return loaded;
}

/**
 * The installed ioredis, loaded once.
 *
 * @throws HygieneError `HYG_IOREDIS_MISSING`, `HYG_IOREDIS_VERSION`
 */
export function ioredis(): Ioredis {
  return ours().module;
}

function resolveFrom(directory: string): string | undefined {
  try {
    return createRequire(join(directory, 'package.json')).resolve('ioredis');
  } catch {
    return undefined; // nothing of that name there: no other copy
  }
}

const ENTRY_FILE = /[\\/]ioredis[\\/]built[\\/]index\.js$/;

/**
 * Looks for copies of ioredis besides ours: the one that the application itself would load, and those that are
 * loaded already. A client of one copy is no `instanceof` of the other, which libraries take for "no client".
 */
export function findOtherCopies(applicationDirectory: string): HygieneError | undefined {
  const { file: own } = ours();
  const application = resolveFrom(applicationDirectory);
  const found = new Set([
    ...Object.keys(require.cache).filter((file) => ENTRY_FILE.test(file)),
    ...(application ? [application] : []),
  ]);
  found.delete(own);
  if (found.size === 0) return undefined;
  const copies = [own, ...found];
  return new HygieneError(
    'HYG_IOREDIS_COPIES',
    `Found ${copies.length} copies of ioredis, expected one: ${copies.join(', ')}.`,
    {
      details: { copies },
    },
  );
}
