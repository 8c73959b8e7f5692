/** Numbers of a profile that differ from the defaults, by the name of their option. */
type Differences = Readonly<Record<string, { readonly default: number; readonly why: string }>>;

/** A kind of host, and the defaults that suit it. */
interface ProfileRow {
  /** The hosts that it is for. */
  readonly meaning: string;
  readonly settings: Differences;
  readonly limits: Differences;
}

/**
 * The profiles of a factory. Types, checks and docs/options.md are derived from this table. An option and a variable of the
 * environment take precedence over the number of a profile.
 */
export const profileTable = {
  'long-lived': {
    meaning: 'A process that runs until it is told to stop: a server, a worker.',
    settings: {},
    limits: {},
  },
  'short-lived': {
    meaning:
      'An instance of a function (Lambda, Cloud Run, Vercel) that is frozen between two calls and may end without notice.',
    settings: {
      connectTimeoutMs: { default: 2_000, why: 'A call of Lambda ends after 3 s by default.' },
      handshakeTimeoutMs: { default: 2_000, why: 'As for `connectTimeoutMs`.' },
      heartbeatDeadlineMs: {
        default: 1_000,
        why: 'After a freeze, a call waits this long to learn that a connection is gone. Within 1 s, the kernel of Linux has sent a PING twice more (after 0.2 and 0.6 s), which proves it.',
      },
      reconnectBaseMs: { default: 50, why: 'A call waits for the connection.' },
      reconnectCapMs: { default: 500, why: 'As for `reconnectBaseMs`.' },
      shutdownTimeoutMs: {
        default: 400,
        why: 'Lambda (with an internal extension) and Vercel grant 500 ms after SIGTERM.',
      },
    },
    limits: {
      connections: {
        default: 10,
        why: 'Each call that runs at the same time may have an instance of its own, so a thousand calls open a thousand times as many. One connection is enough for most functions.',
      },
      connecting: { default: 2, why: 'All instances dial at once when traffic rises.' },
      perCallSite: {
        default: 2,
        why: 'A client that each call opens is the leak of this kind of host: it outlives the call.',
      },
    },
  },
} as const satisfies Record<string, ProfileRow>;

/** The kind of host on which a process runs. */
export type Profile = keyof typeof profileTable;

/** The default of a setting or limit in a profile; `undefined` if it is that of all profiles. */
export function profileDefault(profile: Profile, name: string): number | undefined {
  const { settings, limits }: ProfileRow = profileTable[profile];
  return { ...settings, ...limits }[name]?.default;
}
