/** One number that a service may set: what it is by default, between which bounds, and why. */
export interface Setting {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: 'ms' | 'frames';
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
    meaning: 'Idle time after which the kernel begins to probe the peer (TCP keepalive), on every socket.',
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
  openerFrames: {
    default: 3,
    min: 0,
    max: 20,
    unit: 'frames',
    meaning: 'How many stack frames of its opener each connection remembers; 0 switches this off.',
    why: 'Taken once for each connection, never for a command. Three frames name the caller, its caller and theirs.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settingTable;

/** All numbers of a factory, complete and within their bounds. */
export type Settings = Readonly<Record<SettingName, number>>;
