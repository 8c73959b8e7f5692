import { errorTable, HygieneError } from '../../core/errors.js';
import { stripCommand } from '../../core/redact.js';
import type { StateKind } from '../../ledger/connection.js';

/** `up`: everything that was opened can be used. `degraded`: a part of it cannot. `down`: nothing of a target can. */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** Why a factory or a target is not simply up. docs/health.md lists this table. */
export const healthReasons = {
  'shut-down': {
    status: 'down',
    meaning: 'The factory is shutting down, or is shut down. With shutdown hooks, from the signal on.',
  },
  'not-ready': {
    status: 'down',
    meaning: 'Nothing of the target is ready, although something was opened.',
  },
  'no-answer': {
    status: 'down',
    meaning: 'No connection of the target was heard recently, and a PING was not answered in time.',
  },
  'cluster-not-ready': {
    status: 'down',
    meaning: 'A Cluster is not ready, or none of its nodes can be used.',
  },
  'gave-up': {
    status: 'degraded',
    meaning:
      'A client has ended without a connection: its retry strategy gave up, or the budget refused it. Until a client of the same name is ready at the same target.',
  },
  'database-refused': {
    status: 'degraded',
    meaning:
      'The server has refused the database of a connection, whose commands run in database 0. Such a connection is not ready: if the target has no other one, `not-ready` is reported too.',
  },
  stalled: {
    status: 'degraded',
    meaning: 'The server does not answer a connection, although its machine acknowledges the bytes.',
  },
  saturated: {
    status: 'degraded',
    meaning: 'The server has reached its `maxclients`, and dials to it wait.',
  },
  reconnecting: {
    status: 'degraded',
    meaning:
      'Connections were lost, or could not be opened, and dial again, while others of the target are ready or stalled. Those that wait for a full server count as `saturated` only.',
  },
  'node-down': {
    status: 'degraded',
    meaning: 'A node of a Cluster was lost, cannot be reached, or does not answer.',
  },
  'sentinel-down': {
    status: 'degraded',
    meaning: 'A sentinel cannot be reached. The clients of the master keep working.',
  },
  'pool-exhausted': {
    status: 'degraded',
    meaning: 'All connections of a pool are in use, and callers wait.',
  },
  budget: {
    status: 'degraded',
    meaning: 'At least 90 % of `limits.connections` are in use in this process.',
  },
  unverified: {
    status: 'up',
    meaning:
      'No connection of the target was heard recently, and none could be pinged: each runs a blocking command, is in a transaction, has subscribed, or belongs to a library. The health check asks the kernel for such connections.',
  },
} as const satisfies Record<string, { readonly status: HealthStatus; readonly meaning: string }>;

export type HealthCode = keyof typeof healthReasons;

/** A failure as plain data. */
export interface FailureInfo {
  /** The code of a `HygieneError`, or of an error of Node or ioredis, if it has one. */
  readonly code: string | undefined;
  /** The message of the error, without secrets. */
  readonly message: string;
}

/** One reason for a status. */
export interface HealthReason {
  readonly code: HealthCode;
  /** What this reason alone makes of its target. */
  readonly status: HealthStatus;
  /** What is the matter, in one sentence or two. */
  readonly message: string;
  /** Number of connections, clients, nodes or callers that the reason is about. */
  readonly count: number;
  /** The last failure, if it is known. */
  readonly failure?: FailureInfo;
}

/** A server, a master that sentinels name, a sentinel, or a Cluster, with what this factory has opened to it. */
export interface TargetHealth {
  /** URL without credentials, as in `factory.connections()`; of a Cluster those of its first startup nodes. */
  readonly target: string;
  readonly status: HealthStatus;
  /** Open connections, by state. */
  readonly connections: Readonly<Record<Exclude<StateKind, 'closed'>, number>>;
  readonly reasons: readonly HealthReason[];
}

/** The health of a factory: plain data, without secrets. */
export interface HealthReport {
  /** The worst status of all reasons. */
  readonly status: HealthStatus;
  /** Time of the report, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** Reasons that concern the whole process. Those of a target are in `targets`. */
  readonly reasons: readonly HealthReason[];
  readonly targets: readonly TargetHealth[];
}

export function createReason(
  code: HealthCode,
  message: string,
  count: number,
  failure?: Error,
): HealthReason {
  const { status } = healthReasons[code];
  return { code, status, message, count, ...(failure && { failure: describeFailure(failure) }) };
}

const severity: Readonly<Record<HealthStatus, number>> = { up: 0, degraded: 1, down: 2 };

/** The worst of these statuses, `up` if there are none. */
export function worstStatus(of: readonly { readonly status: HealthStatus }[]): HealthStatus {
  return of.reduce<HealthStatus>(
    (worst, { status }) => (severity[status] > severity[worst] ? status : worst),
    'up',
  );
}

/** An error without its remedy, its stack and secrets. */
export function describeFailure(error: Error): FailureInfo {
  const { message } = stripCommand(error);
  if (!(error instanceof HygieneError)) return { code: (error as NodeJS.ErrnoException).code, message };
  const { remedy } = errorTable[error.code];
  return { code: error.code, message: message.replace(remedy, '').trimEnd() };
}

/** How many names a message has at most. */
const MAX_NAMES = 3;

/** Names in a message, each with how often it occurs: `orders@web-1 (2), orders@web-1#pool, and 3 others`. */
export function listNames(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const texts = [...counts].map(([name, count]) => (count === 1 ? name : `${name} (${count})`));
  const others = texts.length - MAX_NAMES;
  return [...texts.slice(0, MAX_NAMES), ...(others > 0 ? [`and ${others} others`] : [])].join(', ');
}
