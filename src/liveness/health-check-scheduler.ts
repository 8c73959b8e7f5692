import { type Clock, systemClock } from '../core/clock.js';
import { processWide } from '../core/process-wide.js';
import {
  type HealthCheckSettings,
  type HealthCheckTarget,
  checkPeriodMs,
  ROUNDS_PER_DEADLINE,
} from './health-check-target.js';
import { HealthCheck } from './health-check.js';
import { createTcpStateReader, type ReadTcpStates, type SendQueueState } from './tcp-state.js';

/** A round that comes later than this many periods, half a deadline, does not count. */
const LATE_PERIODS = ROUNDS_PER_DEADLINE / 2;

/** The one timer of the heartbeat. It runs while somebody takes part, at the pace of the fastest. */
export interface Scheduler {
  /**
   * The heartbeat's own time, in milliseconds. It stands still in a round that comes late because the event loop
   * was blocked or the machine slept: answers may wait unread in the sockets, so no silence counts.
   */
  now(): number;
  join(periodMs: number): void;
  leave(periodMs: number): void;
}

/** Calls `onRound` for each round that counts. */
export function createScheduler(clock: Clock, onRound: () => void): Scheduler {
  const members = new Map<number, number>();
  let timer: ReturnType<Clock['after']> | undefined;
  let now = 0;
  let beganAt = 0;
  let periodMs = 0;

  function begin(): void {
    timer?.cancel();
    timer = undefined;
    if (members.size === 0) return;
    periodMs = Math.min(...members.keys());
    beganAt = clock.now();
    timer = clock.after(periodMs, end);
  }

  /** Moves the own time on, and tells whether it did: not where this comes too late. */
  function moveOn(): boolean {
    const elapsedMs = clock.now() - beganAt;
    if (elapsedMs > LATE_PERIODS * periodMs) return false;
    now += elapsedMs;
    return true;
  }

  function end(): void {
    const counts = moveOn();
    begin();
    if (counts) onRound();
  }

  return {
    now: () => now,
    join(ms) {
      members.set(ms, (members.get(ms) ?? 0) + 1);
      if (timer && ms >= periodMs) return;
      if (timer) moveOn();
      begin();
    },
    leave(ms) {
      const left = (members.get(ms) ?? 1) - 1;
      if (left > 0) members.set(ms, left);
      else members.delete(ms);
      if (members.size === 0) begin();
    },
  };
}

/** Watches connections for silence: one timer for all of them, and none while there are none. */
export interface HealthCheckScheduler {
  /** Begins to watch a connection whose socket has just come up. */
  watch(patient: HealthCheckTarget, pace: HealthCheckSettings): HealthCheck;
  /** Ends it, and gives how long the connection has been silent, in milliseconds. */
  forget(pulse: HealthCheck): number;
}

export interface HealthCheckSchedulerPorts {
  readonly clock: Clock;
  readonly kernel: ReadTcpStates;
}

/**
 * Looks at every connection in rounds. Nothing is done for a command: whether a connection has spoken is read off
 * its socket's counter.
 */
export function createHealthCheckScheduler({
  clock,
  kernel,
}: HealthCheckSchedulerPorts): HealthCheckScheduler {
  const pulses = new Set<HealthCheck>();
  /** Those about which the kernel is being asked just now. */
  const asked = new Set<HealthCheck>();
  const rounds = createScheduler(clock, () => {
    const due = [...pulses].filter((pulse) => pulse.look(rounds.now(), clock.random()) && !asked.has(pulse));
    if (due.length > 0) void judge(due);
  });

  /** Reading a file takes a turn of the event loop, in which an answer may still be read: see Pulse.judge. */
  async function judge(due: readonly HealthCheck[]): Promise<void> {
    due.forEach((pulse) => asked.add(pulse));
    const testimonies = await kernel(due.map(({ patient }) => patient.flow()));
    due.forEach((pulse, index) => {
      asked.delete(pulse);
      if (pulses.has(pulse)) pulse.judge(testimonies[index] as SendQueueState, rounds.now(), clock.random());
    });
  }

  return {
    watch(patient, pace) {
      rounds.join(checkPeriodMs(pace));
      const pulse = new HealthCheck(patient, pace, rounds.now(), clock.random());
      pulses.add(pulse);
      return pulse;
    },
    forget(pulse) {
      if (pulses.delete(pulse)) rounds.leave(checkPeriodMs(pulse.pace));
      return pulse.silentMs(rounds.now());
    },
  };
}

/** The one heartbeat of this process, for all factories. */
export const processHealthChecks = processWide('heartbeat', () =>
  createHealthCheckScheduler({ clock: systemClock, kernel: createTcpStateReader() }),
);
