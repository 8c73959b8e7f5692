import { vi, type Mocked } from 'vitest';
import type { ManagedConnectionPorts } from '../../../../src/connect/connection/managed-connection-ports.js';
import { ManagedConnection } from '../../../../src/connect/connection/managed-connection.js';
import type {
  ConnectionOwner,
  ConnectionTerms,
} from '../../../../src/connect/connection/connection-terms.js';
import type { Ledger, MoveListener } from '../../../../src/ledger/ledger.js';
import { createHealthCheckScheduler } from '../../../../src/liveness/health-check-scheduler.js';
import type { ReadTcpStates } from '../../../../src/liveness/tcp-state.js';
import { createOrphans, type OrphanPorts } from '../../../../src/liveness/orphans.js';
import { quietPorts } from '../liveness/orphans-harness.js';
import type { Expectation } from '../../../../src/liveness/health-check-target.js';
import { settingTable } from '../../../../src/options/settings.js';
import { createFakeClock, type FakeClock } from '../fake-clock.js';
import { facts, idle } from '../ledger/fake-handle.js';
import { FakeSocket } from './fake-socket.js';
import { createRoomyLedger } from '../ledger/roomy-ledger.js';

/** A managed connection with its ledger, and listeners for its reports. */
export interface ConnectionHarness {
  readonly connection: ManagedConnection;
  readonly ledger: Ledger;
  readonly clock: FakeClock;
  /** States from the kernel. Unreadable unless the test changes the implementation. */
  readonly readTcpStates: ReturnType<typeof vi.fn<ReadTcpStates>>;
  readonly listeners: {
    readonly [Name in 'onFailure' | 'onStale' | 'onStalled' | 'onRecovered' | 'onOverride']: ReturnType<
      typeof vi.fn<ManagedConnectionPorts[Name]>
    >;
  };
  readonly onFailure: ReturnType<typeof vi.fn<ManagedConnectionPorts['onFailure']>>;
  readonly onOrphan: ReturnType<typeof vi.fn<OrphanPorts['onOrphan']>>;
  /** All moves so far, for example `connecting`, `closed: lost`. */
  readonly moves: readonly string[];
  /** Starts a dial and attaches its socket. */
  readonly dial: (socket?: FakeSocket) => FakeSocket;
}

const defaultSettings = {
  heartbeatIntervalMs: settingTable.heartbeatIntervalMs.default,
  heartbeatDeadlineMs: settingTable.heartbeatDeadlineMs.default,
  handshakeTimeoutMs: settingTable.handshakeTimeoutMs.default,
  stallLimitMs: settingTable.stallLimitMs.default,
};

interface HarnessOptions {
  /** Places in the budget. */
  readonly limit?: number;
  readonly terms?: ConnectionTerms;
}

export function createConnectionHarness({ limit, terms }: HarnessOptions = {}): ConnectionHarness {
  const moves: string[] = [];
  const onMove: MoveListener = ({ state }, _from, reason) =>
    void moves.push(reason ? `${state}: ${reason}` : state);
  // With this random number a silent connection is pinged after 14.5 s.
  const clock = createFakeClock({ random: 0.643 });
  const ledger = createRoomyLedger({ clock, onMove }, limit);
  const readTcpStates = vi.fn<ReadTcpStates>((flows) =>
    Promise.resolve(flows.map(() => ({ kind: 'unreadable', why: 'EIO' }))),
  );
  const listeners: ConnectionHarness['listeners'] = {
    onFailure: vi.fn(),
    onStale: vi.fn(),
    onStalled: vi.fn(),
    onRecovered: vi.fn(),
    onOverride: vi.fn(),
  };
  const onOrphan = vi.fn<OrphanPorts['onOrphan']>();
  const ports: ManagedConnectionPorts = {
    ledger,
    healthChecks: createHealthCheckScheduler({ clock, readTcpStates }),
    orphans: createOrphans({ clock, onOrphan, ...quietPorts }),
    settings: defaultSettings,
    ...listeners,
  };
  const connection = new ManagedConnection(facts, 15_000, ports, terms);
  return {
    connection,
    ledger,
    clock,
    readTcpStates,
    listeners,
    onFailure: listeners.onFailure,
    onOrphan,
    moves,
    dial(socket = new FakeSocket()) {
      connection.onDialStarted();
      connection.attachSocket(socket.asSocket());
      return socket;
    },
  };
}

/** The client of a connection. Default: idle, not closing, with a redial scheduled. */
export function createOwner(): Mocked<ConnectionOwner> {
  return {
    selectedDatabase: vi.fn(() => 0),
    dialNow: vi.fn<() => void>(),
    skipDefaultDelay: vi.fn<() => void>(),
    endWait: vi.fn<() => void>(),
    onSocketClosed: vi.fn<() => void>(),
    onEnded: vi.fn<() => void>(),
    clusterCallSite: vi.fn(() => undefined),
    isClosing: vi.fn(() => false),
    willRedial: vi.fn(() => true),
    work: vi.fn(() => idle),
    progress: vi.fn(() => idle),
    isInUse: vi.fn(() => false),
    expectation: vi.fn<() => Expectation>(() => 'nothing'),
    mayBeAsked: vi.fn(() => true),
    ping: vi.fn(() => Promise.resolve<unknown>('PONG')),
    onTransactionOpening: vi.fn<() => void>(),
    onWatchOpening: vi.fn<() => void>(),
    isInTransaction: vi.fn(() => false),
    pausePingsWhile: vi.fn<(isPingHarmful: () => boolean) => void>(),
    rejectOverdueCommands: vi.fn<() => void>(),
    rejectSentCommands: vi.fn<() => void>(),
    quit: vi.fn<() => void>(),
    destroy: vi.fn<() => void>(),
  };
}
