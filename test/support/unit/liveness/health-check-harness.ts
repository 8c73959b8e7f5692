import { vi, type Mocked } from 'vitest';
import {
  createHealthCheckScheduler,
  type HealthCheckScheduler,
} from '../../../../src/liveness/health-check-scheduler.js';
import type {
  Expectation,
  HealthCheckSettings,
  HealthCheckTarget,
} from '../../../../src/liveness/health-check-target.js';
import type { HealthCheck } from '../../../../src/liveness/health-check.js';
import { ALWAYS_AWAKE, createAwakeTime } from '../../../../src/liveness/round-timer.js';
import type { ReadTcpStates, SendQueueState, TcpFlow } from '../../../../src/liveness/tcp-state.js';
import { createBlockedClock, type BlockedClock } from './blocked-clock.js';

const PING_BYTES = 14;

/** The defaults of the settings table, spelled out: the times in these tests follow from them. */
export const defaultSettings: HealthCheckSettings = {
  heartbeatIntervalMs: 15_000,
  heartbeatDeadlineMs: 5_000,
  handshakeTimeoutMs: 10_000,
  stallLimitMs: 60_000,
};

/** A connection whose peer is the test. */
interface FakeTarget extends Mocked<HealthCheckTarget> {
  read: number;
  written: number;
  queued: number;
  expected: Expectation;
  ends: TcpFlow;
  /** Receives bytes from the server, after which nothing is expected. */
  receive(): void;
  /** Sends a command, after which `expected` is expected. */
  send(expected: Expectation): void;
}

interface WatchedTarget {
  readonly target: FakeTarget;
  readonly healthCheck: HealthCheck;
  /** Calls of the target's methods, with milliseconds since it is watched: `14500 ping`. */
  readonly log: readonly string[];
}

export interface HealthCheckHarness {
  readonly clock: BlockedClock;
  readonly healthChecks: HealthCheckScheduler;
  readonly readTcpStates: ReturnType<typeof vi.fn<ReadTcpStates>>;
  /** Sets the kernel's state of every flow. */
  readonly setState: (state: SendQueueState) => void;
  readonly watch: (own?: Partial<HealthCheckSettings>, phase?: 'handshake' | 'healthy') => WatchedTarget;
}

export const unacknowledged: SendQueueState = { kind: 'unacknowledged', bytes: 14, timesResent: 4 };
export const acknowledged: SendQueueState = { kind: 'acknowledged' };
/** Resent once, as happens on a network that loses packets. */
export const resentOnce: SendQueueState = { kind: 'unacknowledged', bytes: 14, timesResent: 1 };
export const unreadable: SendQueueState = { kind: 'unreadable', why: 'EIO' };

function createTarget(log: (call: string) => void): FakeTarget {
  const target: FakeTarget = {
    read: 0,
    written: 0,
    queued: 0,
    expected: 'nothing',
    ends: { localAddress: '10.0.0.1', localPort: 50_000, remoteAddress: '10.0.0.2', remotePort: 6_379 },
    receive() {
      target.read += 5;
      target.expected = 'nothing';
    },
    send(expected) {
      target.written += 20;
      target.expected = expected;
    },
    bytesRead: vi.fn(() => target.read),
    bytesWritten: vi.fn(() => target.written),
    bytesQueued: vi.fn(() => target.queued),
    expectation: vi.fn(() => target.expected),
    flow: vi.fn(() => target.ends),
    ping: vi.fn(() => {
      log('ping');
      target.written += PING_BYTES;
      target.expected = 'answer';
    }),
    onStale: vi.fn((cause: string, silentMs: number) => log(`stale ${cause} ${silentMs}`)),
    onSlowHandshake: vi.fn((waitedMs: number) => log(`slow handshake ${waitedMs}`)),
    onStalled: vi.fn((silentMs: number) => log(`stalled ${silentMs}`)),
    onRecovered: vi.fn((stalledMs: number) => log(`recovered ${stalledMs}`)),
    onUnreadable: vi.fn((why: string) => log(`unreadable ${why}`)),
  };
  return target;
}

/** Complete settings are those of a factory, which its connections share. */
function complete(own: Partial<HealthCheckSettings> = {}): HealthCheckSettings {
  const isComplete = Object.keys(own).length === Object.keys(defaultSettings).length;
  return isComplete ? (own as HealthCheckSettings) : { ...defaultSettings, ...own };
}

/** A scheduler whose clock, kernel and targets are the test's. As in production, a stale target is unwatched. */
export function createHealthCheckHarness(
  random?: number,
  { mayFreeze = false }: { readonly mayFreeze?: boolean } = {},
): HealthCheckHarness {
  const clock = createBlockedClock(random);
  let state: SendQueueState = unacknowledged;
  const readTcpStates = vi.fn<ReadTcpStates>((flows) => Promise.resolve(flows.map(() => state)));
  const awakeTime = mayFreeze ? createAwakeTime(clock) : ALWAYS_AWAKE;
  const healthChecks = createHealthCheckScheduler({ clock, readTcpStates, awakeTime });
  return {
    clock,
    healthChecks,
    readTcpStates,
    setState: (next) => void (state = next),
    watch(own, phase = 'healthy') {
      const log: string[] = [];
      const startedAt = clock.now();
      const target = createTarget((call) => void log.push(`${clock.now() - startedAt} ${call}`));
      const healthCheck = healthChecks.watch(target, complete(own));
      if (phase === 'healthy') healthCheck.onReady();
      const logStale = target.onStale.getMockImplementation();
      target.onStale.mockImplementation((cause, silentMs) => {
        logStale?.(cause, silentMs);
        healthChecks.unwatch(healthCheck);
      });
      return { target, healthCheck, log };
    },
  };
}
