/** One TCP connection, by its 4-tuple. */
export interface Flow {
  readonly client: Endpoint;
  readonly server: Endpoint;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** One row of CLIENT LIST, as far as the scenarios look at it. */
export interface Row {
  readonly id: number;
  readonly name: string;
  readonly flow: Flow;
}

function endpoint(text = ''): Endpoint {
  const [, address = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  return { address, port: Number(port) };
}

/** Reads the reply of CLIENT LIST; `laddr` is there since Redis 6.2. */
export function readRows(list: string): Row[] {
  return list
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const fields = new Map(line.split(' ').map((field) => field.split(/=(.*)/s) as [string, string]));
      return {
        id: Number(fields.get('id')),
        name: fields.get('name') ?? '',
        flow: { client: endpoint(fields.get('addr')), server: endpoint(fields.get('laddr')) },
      };
    });
}
