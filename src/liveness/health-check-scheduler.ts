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

/** A round that ends later than this many periods (half a deadline) does not count. */
const MAX_LATE_PERIODS = ROUNDS_PER_DEADLINE / 2;

/** Checks the health of connections, with one timer for all of them, and none while there are no connections. */
export interface HealthCheckScheduler {
  /** Starts to check a connection whose socket has just come up. */
  watch(target: HealthCheckTarget, settings: HealthCheckSettings): HealthCheck;
  /** Stops a health check. Returns how long its connection has been silent, in milliseconds. */
  unwatch(healthCheck: HealthCheck): number;
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
  const roundTimer = createRoundTimer(clock, () => {
    const due = [...healthChecks].filter(
      (healthCheck) => healthCheck.check(roundTimer.now(), clock.random()) && !inspected.has(healthCheck),
    );
    if (due.length > 0) void inspect(due);
  });

  /** Reading a file takes at least one turn of the event loop, in which an overdue answer may still arrive. */
  async function inspect(due: readonly HealthCheck[]): Promise<void> {
    due.forEach((healthCheck) => inspected.add(healthCheck));
    const states = await readTcpStates(due.map(({ target }) => target.flow()));
    due.forEach((healthCheck, index) => {
      inspected.delete(healthCheck);
      if (!healthChecks.has(healthCheck)) return;
      healthCheck.applySendQueueState(states[index] as SendQueueState, roundTimer.now(), clock.random());
    });
  }

  return {
    watch(target, settings) {
      roundTimer.add(checkPeriodMs(settings));
      const healthCheck = new HealthCheck(target, settings, roundTimer.now(), clock.random());
      healthChecks.add(healthCheck);
      return healthCheck;
    },
    unwatch(healthCheck) {
      if (healthChecks.delete(healthCheck)) roundTimer.remove(checkPeriodMs(healthCheck.settings));
      return healthCheck.silentMs(roundTimer.now());
    },
  };
}

/** The health checks of this process, shared by all factories. */
export const processHealthChecks = processWide('health checks', () =>
  createHealthCheckScheduler({ clock: systemClock, readTcpStates: createTcpStateReader() }),
);

/** Timer of the rounds. Runs while at least one period has been added, with the shortest of them. */
export interface RoundTimer {
  /**
   * Time of the rounds, in milliseconds. A round that ends late, because the event loop was blocked or the machine slept,
   * does not advance it: answers may wait unread in the sockets, so the silence of that time does not count.
   */
  now(): number;
  add(periodMs: number): void;
  remove(periodMs: number): void;
}

/** Calls `onRound` for each round that counts. */
export function createRoundTimer(clock: Clock, onRound: () => void): RoundTimer {
  /** How often each period has been added. */
  const periods = new Map<number, number>();
  let timer: ReturnType<Clock['after']> | undefined;
  let now = 0;
  let roundStartedAt = 0;
  let periodMs = 0;

  function startRound(): void {
    timer?.cancel();
    timer = undefined;
    if (periods.size === 0) return;
    periodMs = Math.min(...periods.keys());
    roundStartedAt = clock.now();
    timer = clock.after(periodMs, endRound);
  }

  /** Advances the time by what has passed of this round. False, without an advance, if the round is too late. */
  function advance(): boolean {
    const elapsedMs = clock.now() - roundStartedAt;
    if (elapsedMs > MAX_LATE_PERIODS * periodMs) return false;
    now += elapsedMs;
    return true;
  }

  function endRound(): void {
    const isInTime = advance();
    startRound();
    if (isInTime) onRound();
  }

  return {
    now: () => now,
    add(addedMs) {
      periods.set(addedMs, (periods.get(addedMs) ?? 0) + 1);
      if (timer && addedMs >= periodMs) return;
      if (timer) advance();
      startRound();
    },
    remove(removedMs) {
      const left = (periods.get(removedMs) ?? 1) - 1;
      if (left > 0) periods.set(removedMs, left);
      else periods.delete(removedMs);
      if (periods.size === 0) startRound();
    },
  };
}
