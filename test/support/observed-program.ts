import { expect } from 'vitest';
import type { ConnectionInfo } from '../../src/ledger/connection.js';
import type { ShutdownReport } from '../../src/shutdown/shutdown-plan.js';
import { eventually } from './eventually.js';
import { createConsumer, type Consumer } from './consumer.js';
import { startPreloaded } from './preloaded.js';
import type { Exit } from './program.js';

/** What a program knows of its connections. */
interface Look {
  /** Message of the error with which the action has failed. */
  readonly error?: string;
  /** Messages of `error` events that the action has caused. */
  readonly errors: readonly string[];
  readonly connections: readonly ConnectionInfo[];
  /** Connections that the budget counts. */
  readonly used: number;
  /** Clients by the line that opened them. */
  readonly lines: readonly (readonly [line: string, count: number])[];
}

/** A program that uses node-redis or GLIDE under the preload, and does what it is told. */
export interface ObservedProgram extends AsyncDisposable {
  act(action: string, argument?: unknown): Promise<Look>;
  /** Waits until ledger, budget and server agree that there are this many connections, and all of them are ready. */
  agreesOn(count: number, rows: () => Promise<readonly { readonly name: string }[]>): Promise<Look>;
  /** Sends SIGTERM, and waits for the report of the shutdown. */
  shutDown(): Promise<{ readonly report: ShutdownReport; readonly replies: readonly string[] }>;
  readonly exit: Promise<Exit>;
}

/** The majors of node-redis: 6, 5 and 4. */
export const NODE_REDIS_COPIES = ['redis', 'redis5', 'redis4'];

/** An application with all installed copies of node-redis, and GLIDE. */
export function createObservedApplication(): Consumer {
  return createConsumer('ioredis', [...NODE_REDIS_COPIES, '@valkey/valkey-glide']);
}

export async function startObserved(consumer: Consumer, env: NodeJS.ProcessEnv): Promise<ObservedProgram> {
  const program = startPreloaded(consumer, 'observed.mjs', env);
  expect(await program.message()).toBe('loaded');

  async function act(action: string, argument?: unknown): Promise<Look> {
    program.child.send({ action, argument });
    return program.message<Look>();
  }

  return {
    act,
    async agreesOn(count, rows) {
      let look = await act('look');
      await eventually(async () => {
        look = await act('look');
        const names = (await rows()).map(({ name }) => name).sort();
        expect(look.connections.map(({ name }) => name).sort()).toEqual(names);
        expect(look.connections.map(({ state }) => state)).toEqual(Array(count).fill('ready'));
        expect(look.used).toBe(count);
      });
      return look;
    },
    shutDown() {
      program.signal('SIGTERM');
      return program.message();
    },
    exit: program.exit,
    async [Symbol.asyncDispose]() {
      program.child.kill('SIGKILL');
      await program.exit;
    },
  };
}
