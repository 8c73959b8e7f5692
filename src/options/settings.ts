import type { Profile } from './profile.js';

/** A numeric option: its default, its bounds, and the reasons for them. */
export interface Setting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: 'ms' | 'frames' | 'connections' | 'dials' | 'callers';
  /** What the number does. */
  readonly meaning: string;
  /** Reasons for the default and the bounds, with their source. */
  readonly why: string;
}

/**
 * The numeric options of a factory. Types, checks and docs/options.md are derived from this table.
 */
export const settingTable = {
  keepAliveMs: {
    default: 15_000,
    min: 1_000,
    max: 300_000,
    unit: 'ms',
    meaning:
      'Idle time of a socket after which the kernel sends the first TCP keepalive probe. Further probes follow every 5 s, 3 in total, if this version of Node can set that (24.21, 26.10); otherwise every second, 10 in total.',
    why: 'With the default of the OS, a dead peer is noticed after 7200 s + 9 × 75 s = 2 h 11 m 15 s. Node passes values below 1000 ms to the OS as its default. Above 300 s, the idle limits of common NATs and firewalls take effect first.',
  },
  connectTimeoutMs: {
    default: 10_000,
    min: 100,
    max: 60_000,
    unit: 'ms',
    meaning: 'Maximum time until TCP (and TLS) is connected.',
    why: 'The default of ioredis. Without a limit, a dial takes about two minutes to fail behind a firewall that drops SYN packets.',
  },
  handshakeTimeoutMs: {
    default: 10_000,
    min: 100,
    max: 60_000,
    unit: 'ms',
    meaning: 'Maximum time that a server may take to answer the handshake once TCP is connected.',
    why: 'ioredis waits forever for a frozen server, because its connectTimeout ends when TCP is connected.',
  },
  heartbeatIntervalMs: {
    default: 15_000,
    min: 1_000,
    max: 60_000,
    unit: 'ms',
    meaning:
      'Time without received bytes after which a PING is sent, ± 20 %. If it is longer than 15 s, tell `doctor` and `reap` with `--heartbeat`.',
    why: 'A third of the 45 s within which go-redis and redis-py notice a dead peer, and far below the idle limits of firewalls, which start at several minutes.',
  },
  heartbeatDeadlineMs: {
    default: 5_000,
    min: 300,
    max: 30_000,
    unit: 'ms',
    meaning:
      'Time to wait for the answer to a PING before the kernel is asked about the state of the socket. At most `heartbeatIntervalMs`, and equal to it by default if the interval is shorter than 5 s.',
    why: 'The kernel can retransmit the PING four times within 5 s (after 0.2, 0.6, 1.4 and 3 s), so that a single lost packet closes nothing. Within less than 300 ms, it may not have retransmitted at all.',
  },
  stallLimitMs: {
    default: 60_000,
    min: 1_000,
    max: 3_600_000,
    unit: 'ms',
    meaning:
      'How long a server may leave bytes unanswered that its machine has acknowledged. After that, the connection is closed.',
    why: 'Long scripts, slow disks and stopped processes usually recover within a minute. Closing earlier would cause a reconnect storm at a busy server.',
  },
  sentinelTimeoutMs: {
    default: 1_500,
    min: 100,
    max: 60_000,
    unit: 'ms',
    meaning:
      'How long a sentinel that is asked may give no sign of life: until it accepts the connection, and between the answers of the handshake and the query. It doubles, up to 10 s, after each round in which sentinels were too slow and none answered. A client’s `sentinelCommandTimeout` takes precedence. The next sentinel is asked after a third of this time, and after one second at most.',
    why: 'ioredis waits for a frozen first sentinel and asks no other one. Sentinels answer from memory, so 500 ms is already slow, and 1.5 s limits the delay that a dead sentinel causes.',
  },
  reconnectBaseMs: {
    default: 100,
    min: 1,
    max: 10_000,
    unit: 'ms',
    meaning:
      'Maximum delay before the first reconnect attempt. The maximum doubles with each further attempt (full jitter).',
    why: 'Short enough that a restart of the server goes unnoticed, and long enough that a fleet does not reconnect all at once.',
  },
  reconnectCapMs: {
    default: 2_000,
    min: 100,
    max: 300_000,
    unit: 'ms',
    meaning:
      'Maximum delay between two reconnect attempts of one connection. It ends early when the server answers another client of this process.',
    why: 'The maximum of ioredis 5. Limits the wait once the server is back: a client that is alone in its process dials once a second on average, and a refused dial costs a server next to nothing.',
  },
  shutdownTimeoutMs: {
    default: 5_000,
    min: 100,
    max: 300_000,
    unit: 'ms',
    meaning: 'Time after which shutdown() destroys the connections that are still open.',
    why: 'Half of the 10 s that `docker stop` grants, so that the other parts of the service have time to stop too.',
  },
  callSiteFrames: {
    default: 3,
    min: 0,
    max: 20,
    unit: 'frames',
    meaning: 'How many stack frames are recorded of the call that opens a connection; 0 disables recording.',
    why: 'The stack is captured once per connection, never per command. Three frames usually show the line that opens the client, its caller, and the caller’s caller.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settingTable;

/**
 * The `limits` of a factory. Types, checks and docs/options.md are derived from this table.
 */
export const limitTable = {
  connections: {
    default: 100,
    min: 1,
    max: 10_000,
    unit: 'connections',
    meaning:
      'Maximum number of connections of this process, counted over all of its factories. A connection counts from its first dial until its client has ended. A pool counts with its `max`.',
    why: 'A service needs about ten. A hundred connections in each of a hundred processes fill Redis’ default `maxclients` of 10 000; docs/budget.md explains how to choose the number.',
  },
  connecting: {
    default: 4,
    min: 1,
    max: 100,
    unit: 'dials',
    meaning:
      'Maximum number of simultaneous dials to one server. Further dials wait in a first-in, first-out queue.',
    why: 'After a restart of the server, all clients of all services reconnect at once. A few at a time fit into its accept queue, and their handshakes leave it time for commands.',
  },
  perCallSite: {
    default: 10,
    min: 1,
    max: 10_000,
    unit: 'connections',
    meaning:
      'How many open clients one line of code may have before a `suspect` event reports it. No connection is refused.',
    why: 'A line that opens a client should run once or a few times in the life of a service. A line that runs for each request opens more than ten clients within seconds, long before the budget is full.',
  },
} as const satisfies Record<string, Setting>;

export type LimitName = keyof typeof limitTable;

/** All properties of a type as options: each may be left out, or be `undefined`, like a variable of the environment. */
export type Optional<Complete> = { readonly [Name in keyof Complete]?: Complete[Name] | undefined };

/** The limits of a factory, complete and within their bounds. */
export type Limits = Readonly<Record<LimitName, number>>;

/** The numeric options of a factory, complete and within their bounds. */
export interface Settings extends Readonly<Record<SettingName, number>> {
  /**
   * The kind of host, which decides about the defaults of other numbers: `short-lived` for functions that are frozen between
   * two calls (Lambda, Cloud Run, Vercel). See docs/short-lived-hosts.md.
   * @default 'long-lived'
   */
  readonly profile: Profile;
  readonly limits: Limits;
}
