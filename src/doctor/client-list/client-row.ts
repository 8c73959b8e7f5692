/**
 * A row of `CLIENT LIST` while it is being read: a view of bytes, valid until the next row is read. Fields have the names
 * that the server gives them (`idle`, `lib-name`, `tot-mem`, …), in any version. `ip` is the part of `addr` before the port.
 */
export interface RowView {
  /** The value of a field; `''` if the row has none. Credentials in a URL, which clients have had as names, are redacted. */
  text(field: string): string;
  /** The value as the server sent it, for comparisons only: whatever is kept or shown is `text`. */
  rawText(field: string): string;
  /** The value of a field that holds a whole number; `NaN` if the row has none, or another value. */
  number(field: string): number;
}

/** A row of `CLIENT LIST` as an independent object. Times are whole seconds and sizes bytes, as the server reports them. */
export interface ClientRow {
  /** Increases with each connection that the server accepts, and begins again when the server restarts. */
  readonly id: number;
  /** `ip:port`, `[ipv6]:port`, or `path:0` for a unix socket. */
  readonly addr: string;
  readonly ip: string;
  readonly port: number;
  /** The server's address of the connection. Redis 6.2 and later. */
  readonly laddr: string;
  /** The name set by `CLIENT SETNAME`; `''` if there is none. */
  readonly name: string;
  /** Seconds since the client connected. */
  readonly age: number;
  /** Seconds since the client sent a command or was sent data. A published message counts (Redis 7.0.15). */
  readonly idle: number;
  /** Letters: `N` none, `S` replica, `M` master, `P` Pub/Sub, `O` MONITOR, `b` blocked, `x` MULTI, … */
  readonly flags: string;
  readonly db: number;
  /** Number of subscribed channels. */
  readonly sub: number;
  /** Number of subscribed patterns. */
  readonly psub: number;
  /** Number of subscribed shard channels. */
  readonly ssub: number;
  /** Number of commands queued in MULTI; -1 outside of a transaction. */
  readonly multi: number;
  /** Bytes of replies that the client has not read yet. */
  readonly omem: number;
  /** Bytes of memory that the server uses for the client. 0 before Redis 6.2. */
  readonly totMem: number;
  /** Number of commands since the client connected; `NaN` if unknown. Redis 8.2, Valkey 8.1, Dragonfly, and later. */
  readonly totCmds: number;
  /** The last command in lower case, `client|setname` since Redis 7; `''` or `NULL` if there was none. */
  readonly cmd: string;
  readonly user: string;
  /** `ioredis`, or `ioredis(tag)`. Redis 7.2 and later. */
  readonly libName: string;
  readonly libVer: string;
  /** The server that the client is connected to, as `host:port`, or the name of the file that the row was read from. */
  readonly target: string;
}

/** Copies a row, so that it outlives the buffer. */
export function keepRow(row: RowView, target: string): ClientRow {
  const addr = row.text('addr');
  const ip = row.text('ip');
  return {
    id: row.number('id'),
    addr,
    ip,
    port: zeroIfMissing(Number(addr.slice(addr.lastIndexOf(':') + 1))),
    laddr: row.text('laddr'),
    name: row.text('name'),
    age: zeroIfMissing(row.number('age')),
    idle: zeroIfMissing(row.number('idle')),
    flags: row.text('flags'),
    db: zeroIfMissing(row.number('db')),
    sub: zeroIfMissing(row.number('sub')),
    psub: zeroIfMissing(row.number('psub')),
    ssub: zeroIfMissing(row.number('ssub')),
    multi: Number.isNaN(row.number('multi')) ? -1 : row.number('multi'),
    omem: zeroIfMissing(row.number('omem')),
    totMem: zeroIfMissing(row.number('tot-mem')),
    totCmds: row.number('tot-cmds'),
    cmd: row.text('cmd'),
    user: row.text('user'),
    libName: row.text('lib-name'),
    libVer: row.text('lib-ver'),
    target,
  };
}

const zeroIfMissing = (value: number) => (Number.isNaN(value) ? 0 : value);

/** Properties of `ClientRow` by the server's name of the field. */
const propertyByField: Readonly<Record<string, keyof ClientRow>> = {
  id: 'id',
  addr: 'addr',
  ip: 'ip',
  laddr: 'laddr',
  name: 'name',
  age: 'age',
  idle: 'idle',
  flags: 'flags',
  db: 'db',
  sub: 'sub',
  psub: 'psub',
  ssub: 'ssub',
  multi: 'multi',
  omem: 'omem',
  'tot-mem': 'totMem',
  'tot-cmds': 'totCmds',
  cmd: 'cmd',
  user: 'user',
  'lib-name': 'libName',
  'lib-ver': 'libVer',
};

/** A view of a kept row, so that filters apply to kept rows and to rows that are being read. */
export function viewRow(row: ClientRow): RowView {
  const valueOf = (field: string) => {
    const property = propertyByField[field];
    return property === undefined ? undefined : row[property];
  };
  const text = (field: string) => textOf(valueOf(field));
  return {
    text,
    rawText: text,
    number: (field) => Number(valueOf(field) ?? NaN),
  };
}

function textOf(value: string | number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : String(value);
}

/**
 * All fields of `CLIENT LIST` in known servers (Redis 2.8 to 8, Valkey 7.2 to 9, KeyDB, Dragonfly), and `ip`, the address
 * without its port. Any other name in a filter or a grouping is a mistake.
 *
 * @see https://redis.io/docs/latest/commands/client-list/
 */
export const clientListFields = [
  'id',
  'addr',
  'ip',
  'laddr',
  'fd',
  'name',
  'age',
  'idle',
  'flags',
  'capa',
  'db',
  'sub',
  'psub',
  'ssub',
  'multi',
  'watch',
  'qbuf',
  'qbuf-free',
  'argv-mem',
  'multi-mem',
  'rbs',
  'rbp',
  'obl',
  'oll',
  'omem',
  'tot-mem',
  'events',
  'cmd',
  'user',
  'redir',
  'resp',
  'lib-name',
  'lib-ver',
  'io-thread',
  'tot-net-in',
  'tot-net-out',
  'tot-cmds',
] as const;
