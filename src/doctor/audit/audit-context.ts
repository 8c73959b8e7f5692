import type { Attribution } from '../attribution/attribution.js';
import type { ClientRow } from '../client-list/client-row.js';
import { protectedReason, type ProtectedReason } from '../client-list/protected-rows.js';
import { type ConnectionHolder, holdersOf } from './connection-holders.js';
import type { Finding } from './finding.js';
import { mergeNumberedNames } from './named-owners.js';

/** The state of one server at one time. */
export interface Snapshot {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly rows: readonly ClientRow[];
  /** Fields of `INFO`. Empty if the user may not run it, or for a file. */
  readonly info: ReadonlyMap<string, string>;
}

/** All that the doctor knows of one server, or of one file. */
export interface Examination {
  /** `host:port`, the path of a unix socket, or the name of a file. */
  readonly target: string;
  /** Origin of the data: a server, a Sentinel, a saved `CLIENT LIST`, or a `sentinel.conf`. */
  readonly kind: 'server' | 'sentinel' | 'list' | 'sentinel-conf';
  readonly now: Snapshot;
  /** The first snapshot, if two were taken (`--sample`). */
  readonly earlier?: Snapshot;
  /** Answers of `CONFIG GET`, or directives of a configuration file. Empty if the user may not read them. */
  readonly config: ReadonlyMap<string, string>;
  /** The best attribution of a row, of both snapshots. */
  ownerOf(row: ClientRow): Attribution;
}

/** Facts about the environment that the user gives on the command line. */
export interface AuditOptions {
  /**
   * Seconds between two heartbeats of a connection of redis-hygiene.
   *
   * @default 15, as `heartbeatIntervalMs` in services
   */
  readonly heartbeatSeconds: number;
  /** Seconds after which a firewall between clients and servers forgets an idle session, if there is a known one. */
  readonly firewallIdleSeconds?: number;
}

/** Looks for one kind of problem on one server. Pure: the same context gives the same findings. */
export type Check = (context: AuditContext, options: AuditOptions) => readonly Finding[];

/** Looks for a problem that only shows when several servers are compared. */
export type FleetCheck = (contexts: readonly AuditContext[]) => readonly Finding[];

/** An examination with the values that several checks need. */
export interface AuditContext extends Omit<Examination, 'earlier'> {
  /** The first snapshot, if there is one and the server was not restarted since. */
  readonly earlier: Snapshot | undefined;
  /** Rows of clients: without connections of other servers, and without the doctor's own connection. */
  readonly clients: readonly ClientRow[];
  /** Rows of clients in the first snapshot. */
  readonly earlierClients: readonly ClientRow[];
  /** Holders of `clients`, the largest first. */
  readonly holders: readonly ConnectionHolder[];
  /** Connections that count against `maxclients`, including those of other servers and of the doctor. */
  readonly usedConnections: number;
  /** The limit, if it could be read. */
  readonly maxclients: number | undefined;
  /** Seconds since the server started. For a list, the age of its oldest row, which is a lower bound. */
  readonly uptimeSeconds: number;
  /** Seconds between the two snapshots; 0 if there is one. */
  readonly elapsedSeconds: number;
}

/** `maxclients` of an unconfigured server. @see redis.conf */
export const DEFAULT_MAXCLIENTS = 10_000;

/** Computes the values that the checks share. */
export function createAuditContext(examination: Examination): AuditContext {
  const { now, config } = examination;
  const earlier = comparableSnapshotOf(examination);
  const clients = clientsOf(now.rows);
  const earlierClients = clientsOf(earlier?.rows ?? []);
  const ownerOf = mergeNumberedNames(clients, (row) => examination.ownerOf(row));
  return {
    ...examination,
    earlier,
    clients,
    earlierClients,
    ownerOf,
    holders: holdersOf(clients, ownerOf),
    usedConnections: countUsedConnections(examination),
    maxclients: numberOf(config, 'maxclients') ?? numberOf(now.info, 'maxclients'),
    uptimeSeconds: numberOf(now.info, 'uptime_in_seconds') ?? oldestAgeOf(now.rows),
    elapsedSeconds: earlier ? (now.at - earlier.at) / 1000 : 0,
  };
}

/** The first snapshot. A restart of the server resets its ids, so a snapshot from before cannot be compared. */
function comparableSnapshotOf({ now, earlier }: Examination): Snapshot | undefined {
  return earlier?.info.get('run_id') === now.info.get('run_id') ? earlier : undefined;
}

/** Reasons that mark connections between servers. */
const SERVER_LINK_REASONS: ReadonlySet<ProtectedReason | undefined> = new Set([
  'replica',
  'master',
  'slot-migration',
  'link-setup',
  'sentinel',
]);

function clientsOf(rows: readonly ClientRow[]): readonly ClientRow[] {
  return rows.filter((row) => !SERVER_LINK_REASONS.has(protectedReason(row)) && !isListing(row));
}

/** Whether the connection runs CLIENT LIST right now: the doctor, or another tool. The command is `client` before Redis 7. */
function isListing({ cmd, idle }: ClientRow): boolean {
  return idle === 0 && (cmd === 'client|list' || cmd === 'client');
}

function countUsedConnections({ now: { rows, info } }: Examination): number {
  const reported = (numberOf(info, 'connected_clients') ?? 0) + (numberOf(info, 'connected_slaves') ?? 0);
  return Math.max(rows.length, reported) + (numberOf(info, 'cluster_connections') ?? 0);
}

/** A numeric field of `INFO` or of the configuration; `undefined` if it is missing or not a number. */
export function numberOf(fields: ReadonlyMap<string, string>, field: string): number | undefined {
  const text = fields.get(field);
  const number = Number(text);
  return text === undefined || text.trim() === '' || Number.isNaN(number) ? undefined : number;
}

function oldestAgeOf(rows: readonly ClientRow[]): number {
  return rows.reduce((age, row) => Math.max(age, row.age), 0);
}
