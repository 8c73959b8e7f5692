import type { Claim } from '../attribution/claim.js';
import type { ClientRow } from '../client-list/row.js';

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
  /** The best claim on each row, of both looks. */
  ownerOf(row: ClientRow): Claim;
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
