import type { Clock } from '../core/clock.js';
import { ROUNDS_PER_DEADLINE } from './health-check-target.js';
import type { CheckTime } from './health-check.js';

/** Longest time that counts as waiting for an answer in one round, in periods: half a deadline. */
const MAX_LATE_PERIODS = ROUNDS_PER_DEADLINE / 2;

/** The time in which the host of a function keeps its process running. It may freeze the process afterwards. */
export interface AwakeTime {
  /** Whether the process is known to run. True until the host has said for the first time how long it runs. */
  isRunning(): boolean;
  /** The process runs for at least `ms` more milliseconds. Never shortens what an earlier call has said. */
  extendTo(ms: number): void;
}

/** Creates the awake time of a process of which nothing is known yet. */
export function createAwakeTime(clock: Clock): AwakeTime {
  let until: number | undefined;
  return {
    isRunning: () => until === undefined || clock.now() < until,
    extendTo: (ms) => (until = Math.max(until ?? 0, clock.now() + ms)),
  };
}

/** The awake time of a process that is never frozen. */
export const ALWAYS_AWAKE: AwakeTime = { isRunning: () => true, extendTo: () => undefined };

/** Timer of the rounds. Runs while the process is awake and at least one period has been added, with the shortest of them. */
export interface RoundTimer {
  /** Whether a round is under way that has not taken much longer than it should: the process was neither frozen nor resting. */
  isOnTime(): boolean;
  /** Starts the rounds again, if they rest. */
  resume(): void;
  /** Present time for the checks with this period. */
  time(periodMs: number): CheckTime;
  add(periodMs: number): void;
  remove(periodMs: number): void;
}

/** Called at the end of a round, with its start in milliseconds since the epoch and the time that it should have taken. */
type OnRound = (startedAt: number, periodMs: number) => void;

/** Creates a timer that calls `onRound` at the end of each round. */
export function createRoundTimer(
  clock: Clock,
  onRound: OnRound,
  awakeTime: AwakeTime = ALWAYS_AWAKE,
): RoundTimer {
  const periods = createPeriods();
  const createdAt = clock.now();
  let timer: ReturnType<Clock['after']> | undefined;
  let roundStartedAt = 0;
  let roundMs = 0;

  function startRound(): void {
    timer?.cancel();
    timer = undefined;
    const shortestMs = periods.shortestMs();
    if (shortestMs === undefined || !awakeTime.isRunning()) return;
    roundMs = shortestMs;
    roundStartedAt = clock.now();
    timer = clock.after(roundMs, endRound);
  }

  function endRound(): void {
    const [startedAt, periodMs] = [roundStartedAt, roundMs];
    periods.advance(clock.now() - startedAt);
    startRound();
    onRound(startedAt, periodMs);
  }

  return {
    isOnTime: () => timer !== undefined && clock.now() - roundStartedAt <= MAX_LATE_PERIODS * roundMs,
    resume() {
      if (!timer) startRound();
    },
    time(periodMs) {
      const now = clock.now();
      const ofThisRoundMs = timer ? countedMs(periodMs, now - roundStartedAt) : 0;
      return { passedMs: now - createdAt, answerableMs: periods.answerableMs(periodMs) + ofThisRoundMs };
    },
    add(periodMs) {
      const cutsRound = timer !== undefined && periodMs < roundMs;
      if (cutsRound) periods.advance(clock.now() - roundStartedAt);
      periods.add(periodMs);
      if (!timer || cutsRound) startRound();
    },
    remove(periodMs) {
      periods.remove(periodMs);
      if (periods.shortestMs() === undefined) startRound();
    },
  };
}

/** The checks with one period. */
interface Period {
  /** How often the period has been added. */
  count: number;
  /** Answerable time of the rounds that have ended. */
  answerableMs: number;
}

/** The periods of all checks, each with its own answerable time. */
function createPeriods() {
  const periods = new Map<number, Period>();
  return {
    shortestMs: () => (periods.size > 0 ? Math.min(...periods.keys()) : undefined),
    answerableMs: (periodMs: number) => periods.get(periodMs)?.answerableMs ?? 0,
    /** Ends a round, or a part of one. */
    advance(elapsedMs: number) {
      for (const [periodMs, period] of periods) period.answerableMs += countedMs(periodMs, elapsedMs);
    },
    add(periodMs: number) {
      const period = periods.get(periodMs) ?? { count: 0, answerableMs: 0 };
      period.count += 1;
      periods.set(periodMs, period);
    },
    remove(periodMs: number) {
      const period = periods.get(periodMs);
      if (!period) return;
      period.count -= 1;
      if (period.count === 0) periods.delete(periodMs);
    },
  };
}

/**
 * The part of a round in which an answer could be read. While the event loop is blocked or the machine sleeps, an answer
 * waits unread in its socket. So a round counts for at most half a deadline, however late it ends: the loop reads the sockets
 * between two rounds, and a deadline takes at least two.
 */
function countedMs(periodMs: number, elapsedMs: number): number {
  return Math.min(elapsedMs, MAX_LATE_PERIODS * periodMs);
}
