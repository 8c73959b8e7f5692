import { type Clock, systemClock } from '../core/clock.js';
import { processWide } from '../core/process-wide.js';
import { createEarliestArrival } from './earliest-arrival.js';
import {
  type HealthCheckSettings,
  type HealthCheckTarget,
  checkPeriodMs,
  ROUNDS_PER_DEADLINE,
} from './health-check-target.js';
import { type CheckTime, HealthCheck, type HealthReading } from './health-check.js';
import { createTcpStateReader, type ReadTcpStates, type SendQueueState } from './tcp-state.js';

/** Longest time that counts as waiting for an answer in one round, in periods: half a deadline. */
const MAX_LATE_PERIODS = ROUNDS_PER_DEADLINE / 2;

/** Checks the health of connections, with one timer for all of them, and none while there are no connections. */
export interface HealthCheckScheduler {
  /** Starts to check a connection whose socket has just come up. */
  watch(target: HealthCheckTarget, settings: HealthCheckSettings): HealthCheck;
  /** Stops a health check. Returns how long its connection has been silent, in milliseconds. */
  unwatch(healthCheck: HealthCheck): number;
  /** Reads what a health check knows about its connection. */
  read(healthCheck: HealthCheck): HealthReading;
  /** Earliest time at which bytes that a watched connection reads now can have come, in milliseconds since the epoch. */
  earliestArrival(): number;
}

export interface HealthCheckSchedulerPorts {
  readonly clock: Clock;
  readonly readTcpStates: ReadTcpStates;
}

/**
 * Checks all connections in rounds. Commands cost nothing extra: the byte counter of the socket tells whether the server
 * has answered.
 */
export function createHealthCheckScheduler({
  clock,
  readTcpStates,
}: HealthCheckSchedulerPorts): HealthCheckScheduler {
  const healthChecks = new Set<HealthCheck>();
  /** Health checks whose kernel state is being read. */
  const inspected = new Set<HealthCheck>();
  const earliestArrival = createEarliestArrival();
  const roundTimer = createRoundTimer(clock, (startedAt, periodMs) => {
    earliestArrival.endRound({ startedAt, endedAt: clock.now() }, periodMs);
    const due = [...healthChecks].filter(
      (healthCheck) => healthCheck.check(timeOf(healthCheck), clock.random()) && !inspected.has(healthCheck),
    );
    if (due.length > 0) void inspect(due);
  });

  function timeOf({ settings }: HealthCheck): CheckTime {
    return roundTimer.time(checkPeriodMs(settings));
  }

  /** Reading a file takes at least one turn of the event loop, in which an overdue answer may still arrive. */
  async function inspect(due: readonly HealthCheck[]): Promise<void> {
    due.forEach((healthCheck) => inspected.add(healthCheck));
    const states = await readTcpStates(due.map(({ target }) => target.flow()));
    due.forEach((healthCheck, index) => {
      inspected.delete(healthCheck);
      if (!healthChecks.has(healthCheck)) return;
      healthCheck.applySendQueueState(states[index] as SendQueueState, timeOf(healthCheck), clock.random());
    });
  }

  return {
    watch(target, settings) {
      const periodMs = checkPeriodMs(settings);
      if (healthChecks.size === 0) earliestArrival.start(clock.now());
      roundTimer.add(periodMs);
      const healthCheck = new HealthCheck(target, settings, roundTimer.time(periodMs), clock.random());
      healthChecks.add(healthCheck);
      return healthCheck;
    },
    unwatch(healthCheck) {
      const periodMs = checkPeriodMs(healthCheck.settings);
      const silentMs = healthCheck.silentMs(roundTimer.time(periodMs));
      if (healthChecks.delete(healthCheck)) roundTimer.remove(periodMs);
      return silentMs;
    },
    read: (healthCheck) => healthCheck.read(timeOf(healthCheck)),
    earliestArrival: () => earliestArrival.time(),
  };
}

/** The health checks of this process, shared by all factories. */
export const processHealthChecks = processWide('health checks', () =>
  createHealthCheckScheduler({ clock: systemClock, readTcpStates: createTcpStateReader() }),
);

/** Timer of the rounds. Runs while at least one period has been added, with the shortest of them. */
export interface RoundTimer {
  /** Present time for the checks with this period. */
  time(periodMs: number): CheckTime;
  add(periodMs: number): void;
  remove(periodMs: number): void;
}

/** The checks with one period. */
interface Period {
  /** How often the period has been added. */
  count: number;
  /** Answerable time of the rounds that have ended. */
  answerableMs: number;
}

const NO_PERIOD: Readonly<Period> = { count: 0, answerableMs: 0 };

/** Called at the end of a round, with its start in milliseconds since the epoch and the time that it should have taken. */
type OnRound = (startedAt: number, periodMs: number) => void;

/** Creates a timer that calls `onRound` at the end of each round. */
export function createRoundTimer(clock: Clock, onRound: OnRound): RoundTimer {
  const periods = new Map<number, Period>();
  const createdAt = clock.now();
  let timer: ReturnType<Clock['after']> | undefined;
  let roundStartedAt = 0;
  let roundMs = 0;

  function startRound(): void {
    timer?.cancel();
    timer = undefined;
    if (periods.size === 0) return;
    roundMs = Math.min(...periods.keys());
    roundStartedAt = clock.now();
    timer = clock.after(roundMs, endRound);
  }

  function endRound(): void {
    const [startedAt, periodMs] = [roundStartedAt, roundMs];
    advance(periods, clock.now() - startedAt);
    startRound();
    onRound(startedAt, periodMs);
  }

  return {
    time(periodMs) {
      const { answerableMs } = periods.get(periodMs) ?? NO_PERIOD;
      const now = clock.now();
      const ofThisRoundMs = timer ? countedMs(periodMs, now - roundStartedAt) : 0;
      return { passedMs: now - createdAt, answerableMs: answerableMs + ofThisRoundMs };
    },
    add(periodMs) {
      const period = periods.get(periodMs) ?? { ...NO_PERIOD };
      if (timer && periodMs < roundMs) {
        advance(periods, clock.now() - roundStartedAt);
        timer.cancel();
        timer = undefined;
      }
      period.count += 1;
      periods.set(periodMs, period);
      if (!timer) startRound();
    },
    remove(periodMs) {
      const period = periods.get(periodMs);
      if (!period) return;
      period.count -= 1;
      if (period.count === 0) periods.delete(periodMs);
      if (periods.size === 0) startRound();
    },
  };
}

function advance(periods: ReadonlyMap<number, Period>, elapsedMs: number): void {
  for (const [periodMs, period] of periods) period.answerableMs += countedMs(periodMs, elapsedMs);
}

/**
 * The part of a round in which an answer could be read. While the event loop is blocked or the machine sleeps, an answer
 * waits unread in its socket. So a round counts for at most half a deadline, however late it ends: the loop reads the sockets
 * between two rounds, and a deadline takes at least two.
 */
function countedMs(periodMs: number, elapsedMs: number): number {
  return Math.min(elapsedMs, MAX_LATE_PERIODS * periodMs);
}
