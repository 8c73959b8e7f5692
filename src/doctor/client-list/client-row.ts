/**
 * One row of `CLIENT LIST` while it is read: a view of bytes that holds until the next row. Fields have the server's
 * names (`idle`, `lib-name`, `tot-mem`, …), whatever its version; `ip` is the part of `addr` before the port.
 */
export interface RowView {
  /** The value of a field; `''` where the row has none. */
  text(field: string): string;
  /** The value of a field that is a whole number; `NaN` where the row has none, or something else. */
  number(field: string): number;
}

/** One row of `CLIENT LIST`, kept. Times are whole seconds, sizes bytes, as the server tells them. */
export interface ClientRow {
  /** Ids grow with each connection that the server accepts, and begin anew with each start. */
  readonly id: number;
  /** `ip:port`, `[ipv6]:port`, or `path:0` for a unix socket. */
  readonly addr: string;
  readonly ip: string;
  readonly port: number;
  /** The server's end. Redis 6.2 and later. */
  readonly laddr: string;
  /** As `CLIENT SETNAME` gave it; `''` for a nameless one. */
  readonly name: string;
  /** Seconds since it connected. */
  readonly age: number;
  /** Seconds since it sent a command, or was sent anything: a published message counts (Redis 7.0.15). */
  readonly idle: number;
  /** One letter each: `N` none, `S` replica, `M` master, `P` Pub/Sub, `O` MONITOR, `b` blocked, `x` MULTI, … */
  readonly flags: string;
  readonly db: number;
  /** Channels, patterns and shard channels that it is subscribed to. */
  readonly sub: number;
  readonly psub: number;
  readonly ssub: number;
  /** Commands queued in MULTI; -1 outside of one. */
  readonly multi: number;
  /** Bytes of replies that wait for it to read. */
  readonly omem: number;
  /** Bytes that it costs the server. 0 before Redis 6.2. */
  readonly totMem: number;
  /** The last command in lower case, `client|setname` since Redis 7; `''` or `NULL` if it never sent one. */
  readonly cmd: string;
  readonly user: string;
  /** `ioredis`, or `ioredis(tag)`. Redis 7.2 and later. */
  readonly libName: string;
  readonly libVer: string;
  /** Which server it is connected to, as `host:port`, or the name of the file. */
  readonly target: string;
}

const zeroIfMissing = (value: number) => (Number.isNaN(value) ? 0 : value);

/** Keeps a row. */
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
    cmd: row.text('cmd'),
    user: row.text('user'),
    libName: row.text('lib-name'),
    libVer: row.text('lib-ver'),
    target,
  };
}

/** Where a kept row has the server's fields. */
const kept: Readonly<Record<string, keyof ClientRow>> = {
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
  cmd: 'cmd',
  user: 'user',
  'lib-name': 'libName',
  'lib-ver': 'libVer',
};

/** Looks at a kept row as at one that is being read, so that the same filters serve both. */
export function viewRow(row: ClientRow): RowView {
  const value = (field: string) => {
    const key = kept[field];
    return key === undefined ? undefined : row[key];
  };
  return {
    text: (field) => String(value(field) ?? ''),
    number: (field) => Number(value(field) ?? NaN),
  };
}

/**
 * Every field of `CLIENT LIST` that a server is known to tell (Redis 2.8 to 8, Valkey 7.2 to 9, KeyDB, Dragonfly), and
 * `ip`, which is the address without its port. A filter or a grouping that names another one is a slip.
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
