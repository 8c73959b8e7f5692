import { vi, type Mocked } from 'vitest';
import {
  ManagedConnection,
  type ManagedConnectionPorts,
} from '../../../../src/connect/connection/managed-connection.js';
import type {
  ConnectionOwner,
  ConnectionTerms,
} from '../../../../src/connect/connection/connection-terms.js';
import type { Ledger, MoveListener } from '../../../../src/ledger/ledger.js';
import { createHealthCheckScheduler } from '../../../../src/liveness/health-check-scheduler.js';
import type { ReadTcpStates } from '../../../../src/liveness/tcp-state.js';
import { createOrphans, type OrphanPorts } from '../../../../src/liveness/orphans.js';
import type { Expectation } from '../../../../src/liveness/health-check-target.js';
import { settingTable } from '../../../../src/options/settings.js';
import { createFakeClock, type FakeClock } from '../fake-clock.js';
import { facts, idle } from '../ledger/fake-handle.js';
import { FakeSocket } from './fake-socket.js';
import { createRoomyLedger } from '../ledger/roomy-ledger.js';

/** A link, the ledger behind it, and what it told. */
export interface LinkBench {
  readonly link: ManagedConnection;
  readonly ledger: Ledger;
  readonly clock: FakeClock;
  /** What the kernel says of every flow; the test changes it. */
  readonly kernel: ReturnType<typeof vi.fn<ReadTcpStates>>;
  readonly told: {
    readonly [Name in 'onFailure' | 'onStale' | 'onStalled' | 'onRecovered' | 'onOverride']: ReturnType<
      typeof vi.fn<ManagedConnectionPorts[Name]>
    >;
  };
  readonly onFailure: ReturnType<typeof vi.fn<ManagedConnectionPorts['onFailure']>>;
  readonly onOrphan: ReturnType<typeof vi.fn<OrphanPorts['onOrphan']>>;
  /** Each move so far, for example `dialling`, `closed: lost`. */
  readonly moves: readonly string[];
  /** Dials once more, up to the socket. */
  readonly dial: (socket?: FakeSocket) => FakeSocket;
}

const pace = {
  heartbeatIntervalMs: settingTable.heartbeatIntervalMs.default,
  heartbeatDeadlineMs: settingTable.heartbeatDeadlineMs.default,
  handshakeTimeoutMs: settingTable.handshakeTimeoutMs.default,
  stallLimitMs: settingTable.stallLimitMs.default,
};

interface LinkBenchOptions {
  /** Places in the budget. */
  readonly limit?: number;
  readonly terms?: ConnectionTerms;
}

export function createLinkBench({ limit, terms }: LinkBenchOptions = {}): LinkBench {
  const moves: string[] = [];
  const onMove: MoveListener = ({ state }, _from, reason) =>
    void moves.push(reason ? `${state}: ${reason}` : state);
  // With this number a silent connection is pinged after 14.5 s.
  const clock = createFakeClock({ random: 0.643 });
  const ledger = createRoomyLedger({ clock, onMove }, limit);
  const kernel = vi.fn<ReadTcpStates>((flows) =>
    Promise.resolve(flows.map(() => ({ kind: 'unreadable', why: 'EIO' }))),
  );
  const told: LinkBench['told'] = {
    onFailure: vi.fn(),
    onStale: vi.fn(),
    onStalled: vi.fn(),
    onRecovered: vi.fn(),
    onOverride: vi.fn(),
  };
  const onOrphan = vi.fn<OrphanPorts['onOrphan']>();
  const ports: ManagedConnectionPorts = {
    ledger,
    heartbeat: createHealthCheckScheduler({ clock, kernel }),
    orphans: createOrphans({ clock, onOrphan }),
    settings: pace,
    ...told,
  };
  const link = new ManagedConnection(facts, 15_000, ports, terms);
  return {
    link,
    ledger,
    clock,
    kernel,
    told,
    onFailure: told.onFailure,
    onOrphan,
    moves,
    dial(socket = new FakeSocket()) {
      link.dialling();
      link.attach(socket.asSocket());
      return socket;
    },
  };
}

/** The client behind a link: not closing, about to redial, idle, unless the test says otherwise. */
export function createOwner(): Mocked<ConnectionOwner> {
  return {
    dialNow: vi.fn<() => void>(),
    closed: vi.fn<() => void>(),
    ended: vi.fn<() => void>(),
    clusterCallSite: vi.fn(() => undefined),
    isClosing: vi.fn(() => false),
    willRedial: vi.fn(() => true),
    work: vi.fn(() => idle),
    expects: vi.fn<() => Expectation>(() => 'nothing'),
    ping: vi.fn<() => void>(),
    transactionOpened: vi.fn<() => void>(),
    transactionClosed: vi.fn<() => void>(),
    rejectOverdue: vi.fn<() => void>(),
    rejectSent: vi.fn<() => void>(),
    quit: vi.fn<() => void>(),
    destroy: vi.fn<() => void>(),
  };
}
