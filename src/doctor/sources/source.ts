import type { IsLocal } from '../attribution/peer.js';
import type { ReadReport } from '../client-list/reader.js';
import type { Row } from '../client-list/row.js';
import type { Server } from '../server/server.js';

/** Where rows come from. */
export interface Source {
  /** `host:port`, the path of a unix socket, or the name of a file. */
  readonly target: string;
  readonly kind: 'server' | 'sentinel' | 'list';
  /** How many clients it takes, where that is known. */
  readonly maxclients: number | undefined;
  /** `INFO` at the first look; empty for a file, and where it may not be asked. */
  readonly info: ReadonlyMap<string, string>;
  /** Which of the addresses in its rows are of the machine that this program runs on. */
  readonly isLocal: IsLocal;
  /** The server's end of the connection, as the server tells it; nothing for a file, and before Redis 6.2. */
  readonly serverIp: string | undefined;
  /** The connection, where the source is a server. */
  readonly server: Server | undefined;
  /** Reads all rows that there are now. */
  readonly read: (onRow: (row: Row) => void) => Promise<ReadReport>;
}
