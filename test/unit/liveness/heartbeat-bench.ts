import { vi, type Mocked } from 'vitest';
import { createHeartbeat, type Heartbeat } from '../../../src/liveness/health-check-scheduler.js';
import type { Flow, Kernel, Testimony } from '../../../src/liveness/tcp-state.js';
import type { Expectation, Pace, Patient } from '../../../src/liveness/health-check-target.js';
import type { Pulse } from '../../../src/liveness/health-check.js';
import { createBlockedClock, type BlockedClock } from './blocked-clock.js';

const PING_BYTES = 14;

/** The defaults of the table, spelled out: the times in these tests follow from them. */
export const pace: Pace = {
  heartbeatIntervalMs: 15_000,
  heartbeatDeadlineMs: 5_000,
  handshakeTimeoutMs: 10_000,
  stallLimitMs: 60_000,
};

/** A connection whose peer is the test. */
interface FakePatient extends Mocked<Patient> {
  read: number;
  written: number;
  queued: number;
  expected: Expectation;
  at: Flow;
  /** The server sends something, and owes nothing after it. */
  speaks(): void;
  /** The client sends a command, and waits for what the test says. */
  sends(expected: Expectation): void;
}

interface Watched {
  readonly patient: FakePatient;
  readonly pulse: Pulse;
  /** What was done to it or told of it, with milliseconds since it is watched: `14500 ping`. */
  readonly story: readonly string[];
}

export interface HeartbeatBench {
  readonly clock: BlockedClock;
  readonly heartbeat: Heartbeat;
  readonly kernel: ReturnType<typeof vi.fn<Kernel>>;
  /** What the kernel says of every flow from now on. */
  readonly says: (testimony: Testimony) => void;
  readonly watch: (own?: Partial<Pace>, phase?: 'handshake' | 'listening') => Watched;
}

export const unacknowledged: Testimony = { kind: 'unacknowledged', bytes: 14, timesResent: 4 };
export const acknowledged: Testimony = { kind: 'acknowledged' };
/** Sent again once, as on a lossy line. */
export const resentOnce: Testimony = { kind: 'unacknowledged', bytes: 14, timesResent: 1 };
export const unreadable: Testimony = { kind: 'unreadable', why: 'EIO' };

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
  let testimony: Testimony = unacknowledged;
  const kernel = vi.fn<Kernel>((flows) => Promise.resolve(flows.map(() => testimony)));
  const heartbeat = createHeartbeat({ clock, kernel });
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
