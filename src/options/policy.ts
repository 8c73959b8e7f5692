import { checkInteger, optionTypeError } from './check-options.js';
import { type Settings, settingTable } from './settings.js';

/** What redis-hygiene does with an option of ioredis. docs/options.md explains the actions. */
type PolicyAction = 'force' | 'raise' | 'clamp' | 'default' | 'wrap' | 'check' | 'keep';

/** A row of the policy: what redis-hygiene does with an option of ioredis, and why. */
export interface PolicyRow {
  readonly action: PolicyAction;
  /** The resulting value, in a few words. */
  readonly rule: string;
  readonly why: string;
  /** Returns the value to use instead of the caller's. Missing if other code applies the rule, or nothing is done. */
  readonly apply?: (value: unknown, settings: Settings) => unknown;
}

/** Database numbers are a C int in Redis. */
const MAX_DATABASE = 2 ** 31 - 1;

/**
 * What redis-hygiene does with the caller's ioredis options. An overridden value of the caller is reported once, as a
 * `policy` event.
 */
export const policyTable = {
  connectionName: {
    action: 'force',
    rule: '`service@host`, with the caller’s own name as the role: `service@host#name`. Names that begin with `bull:` are kept.',
    why: 'Without an owner in its name, a row of CLIENT LIST cannot be attributed. BullMQ finds its workers by name.',
  },
  Connector: {
    action: 'wrap',
    rule: 'A connector of redis-hygiene, which uses the caller’s own connector if there is one.',
    why: 'Every dial goes through the connector, including those of duplicates and of libraries. The connector adds the connection to the ledger and removes it.',
  },
  retryStrategy: {
    action: 'wrap',
    rule: 'The caller’s function. Otherwise full jitter from `reconnectBaseMs` to `reconnectCapMs`, which ends as soon as the server answers another client of this process; after refused credentials, 1 s plus full jitter, up to 30 s. No reconnect after shutdown() has begun. `null` disables reconnecting, as in ioredis. If the function throws, this is reported, and the default counts.',
    why: 'The defaults of the ioredis majors differ (5: 50 ms × attempt up to 2 s; 6: 50 ms × 2^attempt up to 5 s, and up to 200 ms more), which hardly spreads the reconnects of a fleet. A connection must not be reopened after a shutdown.',
  },
  sentinelRetryStrategy: {
    action: 'wrap',
    rule: 'The caller’s function. Otherwise full jitter from 50 ms to 1 s between two rounds through all sentinels. No further round after shutdown() has begun.',
    why: 'ioredis asks the sentinels forever, even if no caller waits for the client any more.',
  },
  failoverDetector: {
    action: 'default',
    rule: '`true`: failovers are detected over one connection to each sentinel, which all clients of the process share. `false` disables this for a client.',
    why: 'ioredis’ own detector is disabled because it opens a connection for each client and each sentinel. Without a detector, a client stays connected to a master that hangs.',
  },
  reconnectOnError: {
    action: 'default',
    rule: 'For a client with `sentinels` that does not want a replica: the error READONLY causes a reconnect. Otherwise the caller’s function; if it throws, this is reported, and the client does not reconnect.',
    why: 'READONLY means that the server is no longer the master, and the sentinels know which one is. The command is rejected as before. In ioredis an exception of this function ends the process.',
  },
  sentinelReconnectStrategy: {
    action: 'wrap',
    rule: 'The caller’s function. Otherwise full jitter, as for `retryStrategy`.',
    why: 'ioredis waits 60 s before it reconnects to a lost sentinel, and misses failovers in the meantime.',
  },
  slotsRefreshInterval: {
    action: 'default',
    rule: '60 000 ms (an option of a Cluster); 0 disables the refresh.',
    why: 'ioredis refreshes the slots only when a command is redirected. Without commands, it keeps its sockets to a node that has left the Cluster.',
  },
  keepAlive: {
    action: 'raise',
    rule: '`keepAliveMs` if it is missing, disabled or below 1000 ms; at most 300 000 ms.',
    why: 'The default is 0 in ioredis 5 (that is the OS default, 2 h 11 m) and 30 s in ioredis 6. Node passes values below 1000 ms to the OS as its default.',
    apply: boundKeepAlive,
  },
  connectTimeout: {
    action: 'clamp',
    rule: '`connectTimeoutMs` if it is missing or 0; at most 60 000 ms.',
    why: 'Without a limit, a dial waits as long as the OS retries SYN packets, about two minutes.',
    apply: boundConnectTimeout,
  },
  noDelay: {
    action: 'default',
    rule: '`true`',
    why: 'The default of both ioredis majors, set explicitly.',
    apply: (value) => value ?? true,
  },
  clientInfoTag: {
    action: 'default',
    rule: '`redis-hygiene`. CLIENT LIST shows lib-name=ioredis(redis-hygiene) on Redis 7.2 and later.',
    why: 'Distinguishes the connections of redis-hygiene from other ioredis connections of the same service.',
    apply: (value) => value ?? 'redis-hygiene',
  },
  enableReadyCheck: {
    action: 'wrap',
    rule: '`true`. If it is `false`, INFO is not sent, but the client still becomes ready only when the server has identified its socket.',
    why: 'The orphan of the previous socket is reaped before commands are sent again. Otherwise its pending BLPOP would take the next item.',
  },
  port: {
    action: 'check',
    rule: 'A whole number from 1 to 65535, or its digits.',
    why: 'ioredis dials the port NaN without an error.',
    apply: optionalInteger('port', 1, 65_535),
  },
  db: {
    action: 'check',
    rule: 'A whole number from 0, or its digits.',
    why: 'ioredis reports a refused SELECT only as an error event, and the client continues in database 0.',
    apply: optionalInteger('db', 0, MAX_DATABASE),
  },
  commandTimeout: {
    action: 'keep',
    rule: 'Unchanged; refused if it is not a number.',
    why: 'It rejects promises that the application awaits, so the application decides. BullMQ does not work with it.',
    apply: optionalNumber('commandTimeout'),
  },
  socketTimeout: {
    action: 'keep',
    rule: 'Unchanged; refused if it is not a number.',
    why: 'It aborts healthy blocking commands, so the application decides.',
    apply: optionalNumber('socketTimeout'),
  },
  maxRetriesPerRequest: {
    action: 'keep',
    rule: 'Unchanged; refused if it is neither a number nor `null`.',
    why: 'It is part of the application’s error handling. BullMQ requires `null`.',
    apply: optionalNumber('maxRetriesPerRequest', 'a number of attempts, or null'),
  },
  protocol: {
    action: 'keep',
    rule: 'Unchanged: RESP2 in ioredis 5; in ioredis 6 RESP3, with replies in the shape of RESP2 (`replyMapping: "legacy"`).',
    why: 'The replies have the same shape with both majors.',
  },
  keyPrefix: {
    action: 'keep',
    rule: 'Unchanged.',
    why: 'It concerns data, not connections.',
  },
  lazyConnect: {
    action: 'keep',
    rule: 'Unchanged.',
    why: 'A client that has not dialled has no connection.',
  },
} as const satisfies Record<string, PolicyRow>;

const policyRows: readonly (readonly [option: string, row: PolicyRow])[] = Object.entries(policyTable);

/** A value of the caller that was replaced by another one. */
export interface PolicyOverride {
  /** The option, of ioredis or of the factory. */
  readonly option: string;
  /** The value of the caller. */
  readonly given: unknown;
  /** The value used instead. */
  readonly used: unknown;
  /** The reason, as in docs/options.md. */
  readonly why: string;
}

/** Applies every row of the policy to the caller's options, and lists the overrides. */
export function applyPolicy(
  given: Readonly<Record<string, unknown>>,
  settings: Settings,
): { readonly enforced: Record<string, unknown>; readonly overrides: PolicyOverride[] } {
  const enforced = { ...given };
  const overrides: PolicyOverride[] = [];
  for (const [option, { apply, action, why }] of policyRows) {
    if (!apply) continue;
    const value = given[option];
    const used = apply(value, settings);
    if (used !== undefined) enforced[option] = used;
    const isOverridden =
      value !== undefined && used !== toNumber(value) && (action === 'raise' || action === 'clamp');
    if (isOverridden) overrides.push({ option, given: value, used, why });
  }
  return { enforced, overrides };
}

function boundKeepAlive(value: unknown, { keepAliveMs }: Settings): number {
  if (value == null || value === false) return keepAliveMs;
  const ms = checkNumber('keepAlive', value);
  const { min, max } = settingTable.keepAliveMs;
  return ms < min ? keepAliveMs : Math.min(ms, max);
}

function boundConnectTimeout(value: unknown, { connectTimeoutMs }: Settings): number {
  if (value == null) return connectTimeoutMs;
  const ms = checkNumber('connectTimeout', value);
  return ms <= 0 ? connectTimeoutMs : Math.min(ms, settingTable.connectTimeoutMs.max);
}

function optionalInteger(option: string, min: number, max: number): (value: unknown) => unknown {
  return (value) => (value == null ? value : checkInteger(option, toNumber(value), { min, max }));
}

function optionalNumber(option: string, expected?: string): (value: unknown) => unknown {
  return (value) => (value == null ? value : checkNumber(option, value, expected));
}

function checkNumber(option: string, value: unknown, expected = 'a number of milliseconds'): number {
  const number = toNumber(value);
  if (typeof number !== 'number' || Number.isNaN(number)) {
    throw optionTypeError(option, value, expected);
  }
  return number;
}

/** Converts digits to a number: ioredis accepts them, and query values of a URL are strings. */
function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
}
