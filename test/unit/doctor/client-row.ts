import type { ClientRow } from '../../../src/doctor/client-list/row.js';

/** A connection of a raw client, an hour old and silent since, unless told otherwise. */
export function clientRow(own: Partial<ClientRow> = {}): ClientRow {
  const [ip, port] = ['10.0.0.5', 4711];
  return {
    id: 7,
    addr: `${ip}:${port}`,
    ip,
    port,
    laddr: '10.0.0.1:6379',
    name: '',
    age: 3600,
    idle: 3600,
    flags: 'N',
    db: 0,
    sub: 0,
    psub: 0,
    ssub: 0,
    multi: -1,
    omem: 0,
    totMem: 0,
    cmd: 'ping',
    user: 'default',
    libName: '',
    libVer: '',
    target: '10.0.0.1:6379',
    ...own,
  };
}
