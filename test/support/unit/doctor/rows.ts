import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';

/** What a healthy client without a name has in `CLIENT LIST`. */
const DEFAULTS: ClientRow = {
  ...{ id: 7, ip: '172.18.0.50', port: 0, addr: '', laddr: '172.18.0.2:6379', name: '', age: 100, idle: 1 },
  ...{ flags: 'N', db: 0, sub: 0, psub: 0, ssub: 0, multi: -1, omem: 0, totMem: 2_000, totCmds: NaN },
  ...{ cmd: 'get', user: 'default', libName: '', libVer: '', target: '172.18.0.2:6379' },
};

/** A row of `CLIENT LIST`. The defaults are those of a healthy client without a name. */
export function clientRow(given: Partial<ClientRow> = {}): ClientRow {
  const { id = DEFAULTS.id, ip = DEFAULTS.ip, port = 40_000 + (id % 20_000) } = given;
  return Object.assign({}, DEFAULTS, { port, addr: `${ip}:${port}` }, given);
}

/** Several rows, each with its own id and port. */
export function clientRows(count: number, given: (index: number) => Partial<ClientRow>): ClientRow[] {
  return Array.from({ length: count }, (_, index) => clientRow({ id: index + 1, ...given(index) }));
}
