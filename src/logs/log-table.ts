import type { HygieneEvents } from '../factory/events.js';
import type { StaleCause } from '../liveness/health-check-target.js';
import type { Outage } from './outages.js';

/** Levels of lines, from the least to the most important. `off`: no line. */
export const logLevels = ['off', 'debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Structured fields of a line, without names that loggers use themselves (`name`, `level`, `message`, `time`). */
export type LogFields = Readonly<Record<string, unknown>>;

/** Another level for some payloads of an event. */
interface LevelException<Payload> {
  readonly level: LogLevel;
  /** When the level applies, as in docs/logs.md. */
  readonly when: string;
  readonly applies: (payload: Payload, outage: Outage | undefined) => boolean;
}

/** How an event becomes a line. */
interface LogRow<Payload> {
  readonly level: LogLevel;
  readonly exception?: LevelException<Payload>;
  /** What has happened. But for times, equal for all events of one fact, so that a storm of them is one line. */
  readonly message: (payload: Payload, outage: Outage | undefined) => string;
  /** Fields that tell one fact from another. Events that have them in common are folded. */
  readonly key: (payload: Payload) => LogFields;
  /** Fields of a single event. */
  readonly fields?: (payload: Payload, outage: Outage | undefined) => LogFields;
}

type LogTable = { readonly [Name in keyof HygieneEvents]: LogRow<HygieneEvents[Name][0]> };

type OfConnection = Pick<HygieneEvents['ready'][0], 'connection'>;

const connectionKey = ({ connection: { name, role, target } }: OfConnection): LogFields => ({
  connection: name,
  role,
  target,
});

const connectionFields = ({ connection: { id, clientId, localPort, dials } }: OfConnection): LogFields => ({
  connectionId: id,
  clientId,
  localPort,
  dials,
});

/** Details of an error that are no fields of their own. */
function otherDetails({ details }: HygieneEvents['error'][0]): LogFields {
  const others = Object.entries(details).filter(([key]) => !['name', 'role', 'target'].includes(key));
  return others.length > 0 ? { details: Object.fromEntries(others) } : {};
}

function readyMessage({ connection }: HygieneEvents['ready'][0], outage: Outage | undefined): string {
  if (!outage) return `A Redis connection is ready${connection.dials > 1 ? ' again' : ''}`;
  const time = describeTime(outage.durationMs);
  return outage.wasReady
    ? `A Redis connection is ready again after ${time}`
    : `A Redis connection is ready, ${time} after its first dial has failed`;
}

/** Causes of `stale` with which the kernel has found that nobody acknowledges bytes. With others the server is silent. */
const goneCauses: readonly StaleCause[] = ['kernel', 'keepalive'];

/** The events of a factory, and the lines that they become. docs/logs.md lists this table. */
export const logTable: LogTable = {
  connecting: {
    level: 'off',
    message: () => 'A Redis connection is being dialled',
    key: connectionKey,
    fields: connectionFields,
  },
  connected: {
    level: 'off',
    message: () => 'The socket of a Redis connection is up',
    key: connectionKey,
    fields: connectionFields,
  },
  ready: {
    level: 'debug',
    exception: {
      level: 'info',
      when: 'the connection, or the one whose place it takes, was lost or could not be opened before',
      applies: ({ connection }, outage) => outage !== undefined || connection.dials > 1,
    },
    message: readyMessage,
    key: connectionKey,
    fields: (event, outage) => ({ ...connectionFields(event), outageMs: outage?.durationMs }),
  },
  reconnecting: {
    level: 'debug',
    exception: {
      level: 'warn',
      when: 'the connection was ready before',
      applies: ({ from }) => from === 'ready',
    },
    message: ({ from }) =>
      from === 'ready' ? 'A Redis connection was lost' : 'A Redis connection did not come up',
    key: (event) => ({ ...connectionKey(event), from: event.from }),
    fields: connectionFields,
  },
  closed: {
    level: 'debug',
    message: ({ reason }) => `A Redis connection is closed (${reason})`,
    key: (event) => ({ ...connectionKey(event), reason: event.reason }),
    fields: connectionFields,
  },
  stale: {
    level: 'warn',
    message: ({ cause }) =>
      goneCauses.includes(cause)
        ? `The peer of a Redis connection is gone (${cause})`
        : `A Redis server does not answer a connection, which is closed (${cause})`,
    key: (event) => ({ ...connectionKey(event), cause: event.cause }),
    fields: (event) => ({ ...connectionFields(event), silentMs: event.silentMs, ageMs: event.ageMs }),
  },
  stalled: {
    level: 'warn',
    message: () => 'A Redis server does not answer a connection',
    key: connectionKey,
    fields: (event) => ({ ...connectionFields(event), silentMs: event.silentMs, ageMs: event.ageMs }),
  },
  recovered: {
    level: 'info',
    message: () => 'A Redis server answers a connection again',
    key: connectionKey,
    fields: (event) => ({ ...connectionFields(event), stalledMs: event.stalledMs }),
  },
  orphan: {
    level: 'info',
    exception: {
      level: 'warn',
      when: 'the outcome is not `reaped` or `gone`',
      applies: ({ outcome }) => outcome !== 'reaped' && outcome !== 'gone',
    },
    message: ({ outcome }) => `The server’s half of a lost Redis connection: ${outcome}`,
    key: ({ name, role, target, outcome }) => ({ connection: name, role, target, outcome }),
    fields: ({ why, clientId, address, orphanedMs }) => ({ why, clientId, address, orphanedMs }),
  },
  saturated: {
    level: 'warn',
    message: () => 'A Redis server has reached its maxclients, and dials wait',
    key: ({ target }) => ({ target }),
    fields: ({ pending, nextProbeMs, detectedBy }) => ({ pending, nextProbeMs, detectedBy }),
  },
  failover: {
    level: 'warn',
    message: () => 'A Redis master has moved, and its clients have followed',
    key: ({ master, from, to }) => ({ master, from, to }),
    fields: ({ detectedBy, sentinel, clients, pending, durationMs }) => ({
      ...{ detectedBy, sentinel, clients, pending, durationMs },
    }),
  },
  gap: {
    level: 'warn',
    message: () => 'A Redis subscriber may have missed messages',
    key: ({ name, role, target }) => ({ connection: name, role, target }),
    fields: ({ from, to, channels, patterns, shardChannels }) => ({
      gapMs: to - from,
      subscriptions: channels.length + patterns.length + shardChannels.length,
    }),
  },
  suspect: {
    level: 'warn',
    message: ({ location }) => `A line of code has too many Redis clients open: ${location}`,
    key: ({ location }) => ({ location }),
    fields: ({ count, limit, callSite }) => ({ clients: count, limit, callSite }),
  },
  'lease-overdue': {
    level: 'warn',
    message: ({ stack }) => `A lease of a Redis pool is overdue: ${stack}`,
    key: ({ pool, location }) => ({ pool, location }),
    fields: ({ heldMs, lastCommand }) => ({ heldMs, lastCommand }),
  },
  'lease-returned': {
    level: 'info',
    message: ({ stack }) => `An overdue lease of a Redis pool was released: ${stack}`,
    key: ({ pool, location }) => ({ pool, location }),
    fields: ({ heldMs, lastCommand }) => ({ heldMs, lastCommand }),
  },
  policy: {
    level: 'info',
    message: ({ option }) => `An option of Redis connections was replaced: ${option}`,
    key: ({ option, given, used }) => ({ option, given, used }),
    fields: ({ why }) => ({ why }),
  },
  error: {
    level: 'error',
    message: ({ message }) => message,
    key: ({ code, details: { name, role, target } }) => ({ code, connection: name, role, target }),
    fields: otherDetails,
  },
  shutdown: {
    level: 'info',
    exception: {
      level: 'warn',
      when: 'a connection was forced, a lease not released, or a command lost',
      applies: ({ forced, leases, abandonedCommands }) => forced + leases.length + abandonedCommands > 0,
    },
    message: () => 'All Redis connections are closed',
    key: () => ({}),
    fields: ({ closed, forced, abandonedCommands, leases, durationMs, timeoutMs }) => ({
      ...{ closed, forced, abandonedCommands, durationMs, timeoutMs },
      leases: leases.map(({ stack }) => stack),
    }),
  },
};

/** A line before it is folded and written. */
export interface LogLine {
  readonly level: Exclude<LogLevel, 'off'>;
  readonly message: string;
  readonly fields: LogFields;
  /** Equal for events of the same fact. */
  readonly key: string;
}

/** The line of an event. `undefined` if its level is `off`. */
export function lineOf<Name extends keyof HygieneEvents>(
  name: Name,
  payload: HygieneEvents[Name][0],
  levels: Readonly<Partial<Record<keyof HygieneEvents, LogLevel>>>,
  outage?: Outage,
): LogLine | undefined {
  const row = logTable[name] as LogRow<HygieneEvents[Name][0]>;
  const isException = row.exception?.applies(payload, outage) ?? false;
  const ownLevel = row.exception && isException ? row.exception.level : row.level;
  const level = levels[name] ?? ownLevel;
  if (level === 'off') return undefined;
  const keyFields = row.key(payload);
  return {
    level,
    message: row.message(payload, outage),
    fields: withoutUndefined({ event: name, ...keyFields, ...row.fields?.(payload, outage) }),
    key: [name, level, isException, ...Object.values(keyFields).map(String)].join('\n'),
  };
}

function withoutUndefined(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A time for a reader: `85 ms`, `2.5 s`, `17 s`. */
export function describeTime(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return `${ms < 9_950 ? Math.round(ms / 100) / 10 : Math.round(ms / 1_000)} s`;
}
