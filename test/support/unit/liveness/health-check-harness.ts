import { vi, type Mocked } from 'vitest';
import {
  createHealthCheckScheduler,
  type HealthCheckScheduler,
} from '../../../../src/liveness/health-check-scheduler.js';
import type { TcpFlow, ReadTcpStates, SendQueueState } from '../../../../src/liveness/tcp-state.js';
import type {
  Expectation,
  HealthCheckSettings,
  HealthCheckTarget,
} from '../../../../src/liveness/health-check-target.js';
import type { HealthCheck } from '../../../../src/liveness/health-check.js';
import { createBlockedClock, type BlockedClock } from './blocked-clock.js';

const PING_BYTES = 14;

/** The defaults of the table, spelled out: the times in these tests follow from them. */
export const pace: HealthCheckSettings = {
  heartbeatIntervalMs: 15_000,
  heartbeatDeadlineMs: 5_000,
  handshakeTimeoutMs: 10_000,
  stallLimitMs: 60_000,
};

/** A connection whose peer is the test. */
interface FakePatient extends Mocked<HealthCheckTarget> {
  read: number;
  written: number;
  queued: number;
  expected: Expectation;
  at: TcpFlow;
  /** The server sends something, and owes nothing after it. */
  speaks(): void;
  /** The client sends a command, and waits for what the test says. */
  sends(expected: Expectation): void;
}

interface Watched {
  readonly patient: FakePatient;
  readonly pulse: HealthCheck;
  /** What was done to it or told of it, with milliseconds since it is watched: `14500 ping`. */
  readonly story: readonly string[];
}

export interface HeartbeatBench {
  readonly clock: BlockedClock;
  readonly heartbeat: HealthCheckScheduler;
  readonly kernel: ReturnType<typeof vi.fn<ReadTcpStates>>;
  /** What the kernel says of every flow from now on. */
  readonly says: (testimony: SendQueueState) => void;
  readonly watch: (own?: Partial<HealthCheckSettings>, phase?: 'handshake' | 'listening') => Watched;
}

export const unacknowledged: SendQueueState = { kind: 'unacknowledged', bytes: 14, timesResent: 4 };
export const acknowledged: SendQueueState = { kind: 'acknowledged' };
/** Sent again once, as on a lossy line. */
export const resentOnce: SendQueueState = { kind: 'unacknowledged', bytes: 14, timesResent: 1 };
export const unreadable: SendQueueState = { kind: 'unreadable', why: 'EIO' };

function createPatient(tell: (fact: string) => void): FakePatient {
  const patient: FakePatient = {
    read: 0,
    written: 0,
    queued: 0,
    expected: 'nothing',
    at: { localAddress: '10.0.0.1', localPort: 50_000, remoteAddress: '10.0.0.2', remotePort: 6_379 },
    speaks() {
      patient.read += 5;
      patient.expected = 'nothing';
    },
    sends(expected) {
      patient.written += 20;
      patient.expected = expected;
    },
    bytesRead: vi.fn(() => patient.read),
    bytesWritten: vi.fn(() => patient.written),
    bytesQueued: vi.fn(() => patient.queued),
    expects: vi.fn(() => patient.expected),
    flow: vi.fn(() => patient.at),
    ping: vi.fn(() => {
      tell('ping');
      patient.written += PING_BYTES;
      patient.expected = 'answer';
    }),
    onStale: vi.fn((found: string, silentMs: number) => tell(`stale ${found} ${silentMs}`)),
    onStalled: vi.fn((silentMs: number) => tell(`stalled ${silentMs}`)),
    onRecovered: vi.fn((stalledMs: number) => tell(`recovered ${stalledMs}`)),
    onUnreadable: vi.fn((why: string) => tell(`unreadable ${why}`)),
  };
  return patient;
}

/** A heartbeat whose clock, kernel and patients are the test's. As in production, a stale patient is forgotten. */
export function createHeartbeatBench(random?: number): HeartbeatBench {
  const clock = createBlockedClock(random);
  let testimony: SendQueueState = unacknowledged;
  const kernel = vi.fn<ReadTcpStates>((flows) => Promise.resolve(flows.map(() => testimony)));
  const heartbeat = createHealthCheckScheduler({ clock, kernel });
  return {
    clock,
    heartbeat,
    kernel,
    says: (next) => void (testimony = next),
    watch(own, phase = 'listening') {
      const story: string[] = [];
      const beganAt = clock.now();
      const patient = createPatient((fact) => void story.push(`${clock.now() - beganAt} ${fact}`));
      const pulse = heartbeat.watch(patient, { ...pace, ...own });
      if (phase === 'listening') pulse.ready();
      const told = patient.onStale.getMockImplementation();
      patient.onStale.mockImplementation((found, silentMs) => {
        told?.(found, silentMs);
        heartbeat.forget(pulse);
      });
      return { patient, pulse, story };
    },
  };
}
