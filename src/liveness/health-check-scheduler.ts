import { type Clock, systemClock } from '../core/clock.js';
import { processWide } from '../core/process-wide.js';
import { createEarliestArrival } from './earliest-arrival.js';
import { type HealthCheckSettings, type HealthCheckTarget, checkPeriodMs } from './health-check-target.js';
import { type CheckTime, HealthCheck, type HealthReading } from './health-check.js';
import { ALWAYS_AWAKE, type AwakeTime, createAwakeTime, createRoundTimer } from './round-timer.js';
import { createTcpStateReader, type ReadTcpStates, type SendQueueState } from './tcp-state.js';

/** Checks the health of connections, with one timer for all of them, and none while there are no connections. */
export interface HealthCheckScheduler {
  /** Starts to check a connection whose socket has just come up. */
  watch(target: HealthCheckTarget, settings: HealthCheckSettings): HealthCheck;
  /** Stops a health check. Returns how long its connection has been silent, in milliseconds. */
  unwatch(healthCheck: HealthCheck): number;
  /** Reads what a health check knows about its connection. */
  read(healthCheck: HealthCheck): HealthReading;
  /**
   * The process runs for at least `ms` more milliseconds. On a host that may freeze it, checks rest afterwards. Connections
   * that were silent are asked for a sign of life at once. Resolves when each of those with these settings has answered or
   * was given up, or after two deadlines.
   */
  extendTo(ms: number, settings: HealthCheckSettings): Promise<void>;
  /** Earliest time at which bytes that a watched connection reads now can have come, in milliseconds since the epoch. */
  earliestArrival(): number;
}

export interface HealthCheckSchedulerPorts {
  readonly clock: Clock;
  readonly readTcpStates: ReadTcpStates;
  /** @default the host never freezes the process */
  readonly awakeTime?: AwakeTime;
}

/** Silence after which a connection is asked for a sign of life by `extendTo()`, if the process was awake meanwhile. */
const FRESH_MS = 1_000;

/** Longest time between two looks for an answer that `extendTo()` waits for. */
const MAX_LOOK_MS = 50;

/**
 * Checks all connections in rounds. Commands cost nothing extra: the byte counter of the socket tells whether the server
 * has answered.
 */
export function createHealthCheckScheduler({
  clock,
  readTcpStates,
  awakeTime = ALWAYS_AWAKE,
}: HealthCheckSchedulerPorts): HealthCheckScheduler {
  const healthChecks = new Set<HealthCheck>();
  const earliestArrival = createEarliestArrival();
  const timeOf: TimeOf = ({ settings }) => roundTimer.time(checkPeriodMs(settings));
  const inspect = createInspection({ healthChecks, timeOf, clock, readTcpStates });
  const checkAll = (startedAt: number, periodMs: number) => {
    earliestArrival.endRound({ startedAt, endedAt: clock.now() }, periodMs);
    const isDue = (healthCheck: HealthCheck) => healthCheck.check(timeOf(healthCheck), clock.random());
    inspect([...healthChecks].filter(isDue));
  };
  const roundTimer = createRoundTimer(clock, checkAll, awakeTime);

  return {
    extendTo(ms, settings) {
      const freshMs = roundTimer.isOnTime() ? FRESH_MS : 0;
      awakeTime.extendTo(ms);
      roundTimer.resume();
      healthChecks.forEach((check) => check.askNow(timeOf(check), { freshMs, random: clock.random() }));
      const own = [...healthChecks].filter((check) => check.settings === settings);
      return waitForAnswers(own, healthChecks, clock);
    },
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

/** Present time for the checks of a connection. */
type TimeOf = (healthCheck: HealthCheck) => CheckTime;

interface InspectionPorts extends Pick<HealthCheckSchedulerPorts, 'clock' | 'readTcpStates'> {
  /** Health checks of connections that are watched. */
  readonly healthChecks: ReadonlySet<HealthCheck>;
  readonly timeOf: TimeOf;
}

/** Creates the function that reads the kernel's state of overdue connections, unless it is being read, and applies it. */
function createInspection({ healthChecks, timeOf, clock, readTcpStates }: InspectionPorts) {
  const inspected = new Set<HealthCheck>();

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

  return (overdue: readonly HealthCheck[]) => {
    const due = overdue.filter((healthCheck) => !inspected.has(healthCheck));
    if (due.length > 0) void inspect(due);
  };
}

/**
 * Waits until each connection that was asked has answered or was given up, for two deadlines at most. Looks often at first,
 * because an answer takes a few milliseconds.
 */
async function waitForAnswers(
  own: readonly HealthCheck[],
  healthChecks: ReadonlySet<HealthCheck>,
  clock: Clock,
): Promise<void> {
  const asked = new Set(own.filter((healthCheck) => healthCheck.isAwaited()));
  const deadlines = [...asked].map(({ settings }) => settings.heartbeatDeadlineMs);
  const endAt = clock.now() + 2 * Math.max(0, ...deadlines);
  for (let pauseMs = 1; asked.size > 0 && clock.now() < endAt; pauseMs = Math.min(2 * pauseMs, MAX_LOOK_MS)) {
    await new Promise<void>((resolve) => void clock.afterRef(pauseMs, resolve));
    for (const healthCheck of asked) {
      if (!healthChecks.has(healthCheck) || !healthCheck.isAwaited()) asked.delete(healthCheck);
    }
  }
}

/** The health checks of this process, shared by all factories. */
export const processHealthChecks = processWide('health checks', () =>
  createHealthCheckScheduler({ clock: systemClock, readTcpStates: createTcpStateReader() }),
);

/** The same for factories with the profile `short-lived`, whose checks rest while the process may be frozen. */
export const shortLivedHealthChecks = processWide('short-lived health checks', () =>
  createHealthCheckScheduler({
    clock: systemClock,
    readTcpStates: createTcpStateReader(),
    awakeTime: createAwakeTime(systemClock),
  }),
);
