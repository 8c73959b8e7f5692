/**
 * Time after a blocked round in which bytes may still have been sent during the block, in milliseconds: they waited in the
 * buffers of both kernels and of the server, until this process read again.
 */
const BACKLOG_MS = 1_000;

/** A round that took more than this many periods was blocked: the process stood still, or was stopped. */
const MAX_ROUND_PERIODS = 2;

/** A round between two calls of the round timer, in milliseconds since the epoch. */
interface Round {
  readonly startedAt: number;
  readonly endedAt: number;
}

/**
 * Earliest time at which bytes that are read now can have come. While the event loop is blocked or the process is stopped,
 * bytes wait unread, so the time at which they are read says little about when they came. The event loop reads all sockets
 * between two calls of the round timer. So what had come when a round started has been read when it ends.
 */
export interface EarliestArrival {
  /** In milliseconds since the epoch. */
  time(): number;
  /** The round timer starts to run: no socket that it serves can have received anything before. */
  start(now: number): void;
  /** A round has ended that should have taken `periodMs`. */
  endRound(round: Round, periodMs: number): void;
}

export function createEarliestArrival(): EarliestArrival {
  let earliestAt = -Infinity;
  /** Blocked rounds whose backlog may still be read, the earliest first. */
  let blocked: readonly Round[] = [];

  return {
    time: () => earliestAt,
    start(now) {
      earliestAt = now;
      blocked = [];
    },
    endRound(round, periodMs) {
      const { startedAt, endedAt } = round;
      const isBlocked = endedAt - startedAt > MAX_ROUND_PERIODS * periodMs;
      const recent = blocked.filter((one) => one.endedAt > endedAt - BACKLOG_MS);
      blocked = isBlocked ? [...recent, round] : recent;
      earliestAt = blocked[0]?.startedAt ?? startedAt;
    },
  };
}
