import { checkInteger, wrongType } from './check-options.js';
import type { Settings } from './settings.js';

/** What is done with an option of ioredis: see docs/options.md. */
type PolicyAction = 'force' | 'raise' | 'clamp' | 'default' | 'wrap' | 'check' | 'keep';

/** One row of the policy: an option of ioredis, what we do with it, and why. */
export interface PolicyRow {
  readonly action: PolicyAction;
  /** What holds afterwards, in a few words. */
  readonly rule: string;
  readonly why: string;
  /** Gives the value to use for the caller's one. Missing where another file does the work, or nothing is done. */
  readonly apply?: (value: unknown, settings: Settings) => unknown;
}

/** A number as ioredis takes it: query values of a URL are digits in a string. */
function numeric(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
}

function integer(option: string, min: number, max: number): (value: unknown) => unknown {
  return (value) => (value == null ? value : checkInteger(option, numeric(value), { min, max }));
}

function number(option: string, value: unknown, expected = 'a number of milliseconds'): number {
  const given = numeric(value);
  if (typeof given !== 'number' || Number.isNaN(given)) throw wrongType(option, value, expected);
  return given;
}

function anyNumber(option: string, expected?: string): (value: unknown) => unknown {
  return (value) => (value == null ? value : number(option, value, expected));
}

/** Redis keeps the number of databases in a C int. */
const MAX_DATABASE = 2 ** 31 - 1;

function keepAlive(value: unknown, { keepAliveMs }: Settings): number {
  if (value == null || value === false) return keepAliveMs;
  const ms = number('keepAlive', value);
  return ms < 1_000 ? keepAliveMs : Math.min(ms, 300_000);
}

function connectTimeout(value: unknown, { connectTimeoutMs }: Settings): number {
  if (value == null) return connectTimeoutMs;
  const ms = number('connectTimeout', value);
  return ms <= 0 ? connectTimeoutMs : Math.min(ms, 60_000);
}

/**
 * The one table of what happens to the caller's ioredis options. An override of a value that the caller gave is
 * reported once, as a `policy` event.
 */
export const policyTable = {
  connectionName: {
    action: 'force',
    rule: '`service@host`, with the caller’s own name as the role: `service@host#name`. Names `bull:…` stay.',
    why: 'A row of CLIENT LIST without an owner cannot be attributed. BullMQ finds its workers by name.',
  },
  Connector: {
    action: 'wrap',
    rule: 'A connector of ours, around the caller’s own if there is one.',
    why: 'The one place through which every dial passes, those of duplicates and of libraries included: here a connection enters and leaves the ledger.',
  },
  retryStrategy: {
    action: 'wrap',
    rule: 'The caller’s function, else full jitter from `reconnectBaseMs` to `reconnectCapMs`, after refused credentials 1 s and full jitter up to 30 s; none after shutdown() began. `null` means no reconnect, as in ioredis.',
    why: 'The majors differ (5: 50 ms × attempt up to 2 s; 6: 50 ms × 2^attempt up to 5 s) and neither spreads a fleet’s reconnects. A connection must not come back after shutdown.',
  },
  sentinelRetryStrategy: {
    action: 'wrap',
    rule: 'The caller’s function, else full jitter from 50 ms to 1 s between two rounds through all sentinels; none after shutdown() began.',
    why: 'ioredis asks the sentinels for ever, also for a client that nobody waits for any more.',
  },
  failoverDetector: {
    action: 'default',
    rule: '`true`: one connection to each sentinel, shared by all clients of the process, hears of failovers. `false` switches it off for a client.',
    why: 'ioredis opens one for each client and sentinel, so it is off there; without it a client stays with a master that hangs.',
  },
  reconnectOnError: {
    action: 'default',
    rule: 'With `sentinels`, and unless a replica is wanted: READONLY dials again. Otherwise left alone.',
    why: 'The server was the master, and is none any more: the sentinels know which one is. The command is rejected as ever.',
  },
  sentinelReconnectStrategy: {
    action: 'wrap',
    rule: 'The caller’s function, else full jitter as for `retryStrategy`.',
    why: 'ioredis waits 60 s before it listens to a lost sentinel again, and learns of no failover meanwhile.',
  },
  slotsRefreshInterval: {
    action: 'default',
    rule: '60 000 ms (an option of a Cluster); 0 switches it off.',
    why: 'ioredis asks for the slots only when a command is redirected: without commands it keeps its sockets to a node that has left.',
  },
  keepAlive: {
    action: 'raise',
    rule: '`keepAliveMs` where it is missing, off or below 1000 ms; at most 300 000 ms.',
    why: 'Default 0 in ioredis 5 (the OS default, 2 h 11 m), 30 s in 6. Node hands values below 1000 ms to the OS as its default.',
    apply: keepAlive,
  },
  connectTimeout: {
    action: 'clamp',
    rule: '`connectTimeoutMs` where it is missing or 0; at most 60 000 ms.',
    why: 'A dial without a bound waits as long as the OS retries SYN, about two minutes.',
    apply: connectTimeout,
  },
  noDelay: {
    action: 'default',
    rule: '`true`',
    why: 'The default of both majors, set explicitly.',
    apply: (value) => value ?? true,
  },
  clientInfoTag: {
    action: 'default',
    rule: '`redis-hygiene`: CLIENT LIST shows lib-name=ioredis(redis-hygiene) on Redis 7.2 and later.',
    why: 'Tells hygienic connections from raw ones in the same service.',
    apply: (value) => value ?? 'redis-hygiene',
  },
  enableReadyCheck: {
    action: 'wrap',
    rule: '`true`; where it is `false`, INFO is not asked, but the client is ready only when its socket has introduced itself.',
    why: 'Orphans of the last socket are reaped before commands are sent again: a ghost BLPOP would take the next item.',
  },
  port: {
    action: 'check',
    rule: 'A whole number from 1 to 65535, or its digits.',
    why: 'ioredis dials NaN without a word.',
    apply: integer('port', 1, 65_535),
  },
  db: {
    action: 'check',
    rule: 'A whole number from 0, or its digits.',
    why: 'A refused SELECT is only an error event: the client goes on in database 0.',
    apply: integer('db', 0, MAX_DATABASE),
  },
  commandTimeout: {
    action: 'keep',
    rule: 'Checked to be a number, else left alone.',
    why: 'It rejects promises that the application awaits: its decision. BullMQ breaks with it.',
    apply: anyNumber('commandTimeout'),
  },
  socketTimeout: {
    action: 'keep',
    rule: 'Checked to be a number, else left alone.',
    why: 'It kills healthy blocking commands: the application’s decision.',
    apply: anyNumber('socketTimeout'),
  },
  maxRetriesPerRequest: {
    action: 'keep',
    rule: 'Checked to be a number or `null`, else left alone.',
    why: 'Part of the application’s error handling. BullMQ requires `null`.',
    apply: anyNumber('maxRetriesPerRequest', 'a number of attempts, or null'),
  },
  protocol: {
    action: 'keep',
    rule: 'Left alone: RESP2 in ioredis 5, RESP3 with reply shapes of RESP2 (`replyMapping: "legacy"`) in 6.',
    why: 'The replies are the same on both majors.',
  },
  keyPrefix: { action: 'keep', rule: 'Left alone.', why: 'It is about data, not about connections.' },
  lazyConnect: {
    action: 'keep',
    rule: 'Left alone.',
    why: 'A client that has not dialled is no connection.',
  },
} as const satisfies Record<string, PolicyRow>;

const rows: readonly (readonly [option: string, row: PolicyRow])[] = Object.entries(policyTable);

/** A caller's value that was not used as it was given. */
export interface PolicyOverride {
  /** The option, of ioredis or of the factory. */
  readonly option: string;
  readonly given: unknown;
  readonly used: unknown;
  readonly why: string;
}

/** The caller's options with every row of the table applied, and what was overridden. */
export function applyPolicy(
  given: Readonly<Record<string, unknown>>,
  settings: Settings,
): { readonly enforced: Record<string, unknown>; readonly overrides: PolicyOverride[] } {
  const enforced = { ...given };
  const overrides: PolicyOverride[] = [];
  for (const [option, { apply, action, why }] of rows) {
    if (!apply) continue;
    const value = given[option];
    const used = apply(value, settings);
    if (used !== undefined) enforced[option] = used;
    const overridden =
      value !== undefined && used !== numeric(value) && (action === 'raise' || action === 'clamp');
    if (overridden) overrides.push({ option, given: value, used, why });
  }
  return { enforced, overrides };
}
