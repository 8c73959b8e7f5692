/** One number that a service may set: what it is by default, between which bounds, and why. */
export interface Setting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: 'ms' | 'frames' | 'connections' | 'dials' | 'callers';
  /** What the number does. */
  readonly meaning: string;
  /** Why this default and these bounds, with their source. */
  readonly why: string;
}

/**
 * The one table of numbers. Types, checks and docs/options.md come from it.
 */
export const settingTable = {
  keepAliveMs: {
    default: 15_000,
    min: 1_000,
    max: 300_000,
    unit: 'ms',
    meaning:
      'Idle time after which the kernel begins to probe the peer (TCP keepalive), on every socket. Then every 5 s, 3 times, where Node takes these (24.21, 26.10); else every second, 10 times.',
    why: 'The OS default notices a dead peer after 7200 s + 9 × 75 s = 2 h 11 m 15 s. Node hands values below 1000 ms to the OS as its default; above 300 s common NAT and firewall idle limits strike first.',
  },
  connectTimeoutMs: {
    default: 10_000,
    min: 100,
    max: 60_000,
    unit: 'ms',
    meaning: 'How long a dial may take until TCP (and TLS) is up.',
    why: 'The default of ioredis. Without a bound, a firewall that drops SYN holds the dial for about two minutes.',
  },
  handshakeTimeoutMs: {
    default: 10_000,
    min: 100,
    max: 60_000,
    unit: 'ms',
    meaning: 'How long a server that took the connection may leave the handshake unanswered.',
    why: 'ioredis waits for ever on a server that is frozen: its connectTimeout ends when TCP is up.',
  },
  heartbeatIntervalMs: {
    default: 15_000,
    min: 1_000,
    max: 60_000,
    unit: 'ms',
    meaning: 'How long a connection may be silent before it is asked for a sign of life (PING), ± 20 %.',
    why: 'A third of the 45 s in which go-redis and redis-py notice a dead peer, and far below the idle limits of firewalls, which begin at minutes.',
  },
  heartbeatDeadlineMs: {
    default: 5_000,
    min: 300,
    max: 30_000,
    unit: 'ms',
    meaning:
      'How long the sign of life may take before the kernel is asked. At most `heartbeatIntervalMs`, which is the default where that is shorter.',
    why: 'Time for the kernel to send the PING again four times (0.2, 0.6, 1.4 and 3 s), so that one lost packet kills nothing. Below 300 ms it may not have sent it again even once.',
  },
  stallLimitMs: {
    default: 60_000,
    min: 1_000,
    max: 3_600_000,
    unit: 'ms',
    meaning:
      'How long a server whose machine acknowledges bytes may leave them unanswered before the connection is given up.',
    why: 'Long scripts, a slow disk and a stopped process end within a minute; to close earlier would begin a reconnect storm on a server that is busy.',
  },
  sentinelTimeoutMs: {
    default: 1_500,
    min: 100,
    max: 60_000,
    unit: 'ms',
    meaning:
      'How long one sentinel may take to answer, from the dial on; `sentinelCommandTimeout` of a client goes before. The next one is asked after a third of it, a second at most.',
    why: 'ioredis stands still behind a frozen first sentinel. Sentinels answer from memory: 500 ms is slow, and 1.5 s bounds what a dead one costs.',
  },
  reconnectBaseMs: {
    default: 100,
    min: 1,
    max: 10_000,
    unit: 'ms',
    meaning:
      'The longest first delay before a lost connection is dialled again; it doubles with each attempt (full jitter).',
    why: 'Short enough for a restart of the server to pass unnoticed, spread enough that a fleet does not come back at once.',
  },
  reconnectCapMs: {
    default: 10_000,
    min: 100,
    max: 300_000,
    unit: 'ms',
    meaning: 'The longest delay between two dials of one connection.',
    why: 'Bounds the wait after the server is back, and the load that a fleet puts on a server that is down.',
  },
  shutdownTimeoutMs: {
    default: 5_000,
    min: 100,
    max: 300_000,
    unit: 'ms',
    meaning: 'How long shutdown() may take before it destroys what is still open.',
    why: 'Half of the 10 s that `docker stop` grants, so that the rest of the service has time too.',
  },
  callSiteFrames: {
    default: 3,
    min: 0,
    max: 20,
    unit: 'frames',
    meaning: 'How many stack frames of its opener each connection remembers; 0 switches this off.',
    why: 'Taken once for each connection, never for a command. Three frames name the caller, its caller and theirs.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settingTable;

/**
 * The table of ceilings, `limits` of a factory. Types, checks and docs/options.md come from it too.
 */
export const limitTable = {
  connections: {
    default: 100,
    min: 1,
    max: 10_000,
    unit: 'connections',
    meaning:
      'How many connections this process may hold, those of all its factories and all places of its pools together, from the first dial until the client has ended.',
    why: 'A service needs some ten. A hundred of them, in a hundred processes, fill the `maxclients` of 10 000 that Redis has by default; see docs/budget.md for how to choose.',
  },
  connecting: {
    default: 4,
    min: 1,
    max: 100,
    unit: 'dials',
    meaning:
      'How many dials to one server may be under way at once; further ones wait their turn, first come first served.',
    why: 'After a restart of the server all clients of all services come back at once: a few at a time pass its accept queue, and the handshakes do not starve its commands.',
  },
  perCallSite: {
    default: 10,
    min: 1,
    max: 10_000,
    unit: 'connections',
    meaning:
      'How many open clients one line of code may have before it is told of as `suspect`. Nothing is refused.',
    why: 'A line that opens a client runs once or a few times in the life of a service. One that runs for each request passes ten within seconds, long before the budget is full.',
  },
} as const satisfies Record<string, Setting>;

export type LimitName = keyof typeof limitTable;

/** The ceilings of a factory, complete and within their bounds. */
export type Limits = Readonly<Record<LimitName, number>>;

/** All numbers of a factory, complete and within their bounds. */
export interface Settings extends Readonly<Record<SettingName, number>> {
  readonly limits: Limits;
}
