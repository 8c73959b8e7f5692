import type { Clock } from '../core/clock.js';
import type { Settings } from '../options/settings.js';

/** Rounds in one deadline. What happens between two of them is seen at the second. */
const ROUNDS_PER_DEADLINE = 10;

/** A round that comes later than this many periods, half a deadline, does not count. */
const LATE_PERIODS = ROUNDS_PER_DEADLINE / 2;

/** The time between two rounds for this deadline, in milliseconds. */
export function periodOf({ heartbeatDeadlineMs }: Pick<Settings, 'heartbeatDeadlineMs'>): number {
  return Math.ceil(heartbeatDeadlineMs / ROUNDS_PER_DEADLINE);
}

/** The one timer of the heartbeat. It runs while somebody takes part, at the pace of the fastest. */
export interface Rounds {
  /**
   * The heartbeat's own time, in milliseconds. It stands still in a round that comes late because the event loop
   * was blocked or the machine slept: answers may wait unread in the sockets, so no silence counts.
   */
  now(): number;
  join(periodMs: number): void;
  leave(periodMs: number): void;
}

/** Calls `onRound` for each round that counts. */
export function createRounds(clock: Clock, onRound: () => void): Rounds {
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
