import { type Mocked, vi } from 'vitest';
import type {
  ConnectionFacts,
  ConnectionHandle,
  ConnectionHealth,
  PendingWork,
  SocketFacts,
} from '../../../../src/ledger/connection.js';

export const idle: PendingWork = { pending: 0, unsent: 0, isBlocked: false };

/** Health of a connection to an application that has just heard of its server. */
export const quiet: ConnectionHealth = {
  user: 'application',
  silentMs: 0,
  isFresh: true,
  isStalled: false,
  isServerFull: false,
  databaseRefusal: undefined,
};

/** A connection whose pending work and socket are set by the test. */
export interface FakeHandle extends Mocked<ConnectionHandle> {
  current: { work: PendingWork; socket: SocketFacts | undefined };
}

export function createFakeHandle(work: Partial<PendingWork> = {}): FakeHandle {
  const current: FakeHandle['current'] = { work: { ...idle, ...work }, socket: undefined };
  return {
    current,
    work: vi.fn(() => current.work),
    progress: vi.fn(() => current.work),
    isInUse: vi.fn(() => current.work.pending > 0),
    health: vi.fn(() => quiet),
    ping: vi.fn<() => undefined>(),
    socket: vi.fn(() => current.socket),
    quit: vi.fn<() => void>(),
    destroy: vi.fn<() => void>(),
  };
}

export const facts: ConnectionFacts = {
  name: 'orders@web-1#pool',
  role: 'pool',
  target: 'redis://h:6379',
  parent: undefined,
  callSite: ['main (/app/main.js:1:2)'],
};
