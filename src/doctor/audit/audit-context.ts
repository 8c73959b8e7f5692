import type { Attribution } from '../attribution/attribution.js';
import type { ClientRow } from '../client-list/client-row.js';
import { protectedReason, type ProtectedReason } from '../client-list/protected-rows.js';
import { type ConnectionHolder, holdersOf } from './connection-holders.js';
import type { Finding } from './finding.js';

/** `maxclients` of a server that nobody has configured. @see redis.conf */
export const DEFAULT_MAXCLIENTS = 10_000;

/** An examination, and what several checks want to know of it. */
export interface AuditContext extends Omit<Examination, 'earlier'> {
  /** The look before, if there was one, and at the same run of the server. */
  readonly earlier: Snapshot | undefined;
  /** The rows of clients: no server's links, and not the connection that asked. */
  readonly clients: readonly ClientRow[];
  /** Those of the look before. */
  readonly earlierClients: readonly ClientRow[];
  /** Who holds them, the most first. */
  readonly holders: readonly ConnectionHolder[];
  /** Connections that count against `maxclients`: links and the one that asked, too. */
  readonly used: number;
  /** The limit, where it could be read. */
  readonly maxclients: number | undefined;
  /** Seconds that the server has been up; of a list the age of its oldest row, which is not more. */
  readonly uptime: number;
  /** Seconds between the two looks; 0 where there was one. */
  readonly elapsed: number;
}

/** What servers hold of each other. */
const LINKS: ReadonlySet<ProtectedReason | undefined> = new Set([
  'replica',
  'master',
  'slot-migration',
  'link-setup',
  'sentinel',
]);

/** The connection that asked, or another one that asks the same just now. `client` before Redis 7. */
function isAsking({ cmd, idle }: ClientRow): boolean {
  return idle === 0 && (cmd === 'client|list' || cmd === 'client');
}

function clientsOf(rows: readonly ClientRow[]): readonly ClientRow[] {
  return rows.filter((row) => !LINKS.has(protectedReason(row)) && !isAsking(row));
}

/** A number that a server tells, or a file. */
export function numberOf(fields: ReadonlyMap<string, string>, field: string): number | undefined {
  const text = fields.get(field);
  const number = Number(text);
  return text === undefined || text.trim() === '' || Number.isNaN(number) ? undefined : number;
}

function oldest(rows: readonly ClientRow[]): number {
  return rows.reduce((age, row) => Math.max(age, row.age), 0);
}

function usedOf({ now: { rows, info } }: Examination): number {
  const told = (numberOf(info, 'connected_clients') ?? 0) + (numberOf(info, 'connected_slaves') ?? 0);
  return Math.max(rows.length, told) + (numberOf(info, 'cluster_connections') ?? 0);
}

/** Ids begin anew with each run of a server: what was before is another story. */
function earlierOf({ now, earlier }: Examination): Snapshot | undefined {
  return earlier?.info.get('run_id') === now.info.get('run_id') ? earlier : undefined;
}

/** Works out what the checks share. */
export function createAuditContext(examination: Examination): AuditContext {
  const { now, config } = examination;
  const earlier = earlierOf(examination);
  const clients = clientsOf(now.rows);
  return {
    ...examination,
    earlier,
    clients,
    earlierClients: clientsOf(earlier?.rows ?? []),
    holders: holdersOf(clients, (row) => examination.ownerOf(row)),
    used: usedOf(examination),
    maxclients: numberOf(config, 'maxclients') ?? numberOf(now.info, 'maxclients'),
    uptime: numberOf(now.info, 'uptime_in_seconds') ?? oldest(now.rows),
    elapsed: earlier ? (now.at - earlier.at) / 1000 : 0,
    ownerOf: (row) => examination.ownerOf(row),
  };
}

/** What one look at a server found. */
export interface Snapshot {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly rows: readonly ClientRow[];
  /** The fields of `INFO`. Empty where it could not be asked, or for a file. */
  readonly info: ReadonlyMap<string, string>;
}

/** What the doctor knows of one server, or of one file. */
export interface Examination {
  /** `host:port`, the path of a unix socket, or the name of a file. */
  readonly target: string;
  /** Where it comes from: a server that was asked, a `CLIENT LIST` that somebody kept, or a `sentinel.conf`. */
  readonly kind: 'server' | 'sentinel' | 'list' | 'sentinel-conf';
  readonly now: Snapshot;
  /** The look before, where two were asked for (`--sample`). */
  readonly earlier?: Snapshot;
  /** The answers of `CONFIG GET`, or the directives of a configuration file. Empty where it could not be asked. */
  readonly config: ReadonlyMap<string, string>;
  /** The best attribution on each row, of both looks. */
  ownerOf(row: ClientRow): Attribution;
}

/** What the caller says of the surroundings. */
export interface AuditOptions {
  /**
   * Seconds between two heartbeats of a hygienic connection.
   *
   * @default 15, as the runtime's own `heartbeatIntervalMs`
   */
  readonly heartbeatSeconds: number;
  /** Seconds after which a firewall between clients and servers forgets a silent session, where one is known of. */
  readonly firewallIdleSeconds?: number;
}

/** Looks for one kind of trouble in one server. Pure: the same chart gives the same findings. */
export type Check = (chart: AuditContext, options: AuditOptions) => readonly Finding[];

/** Looks for trouble that only shows between several servers. */
export type FleetCheck = (charts: readonly AuditContext[]) => readonly Finding[];
