/** A TCP connection, identified by its 4-tuple. */
export interface Flow {
  readonly client: Endpoint;
  readonly server: Endpoint;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Fields of a CLIENT LIST row that the scenarios use. */
export interface Row {
  readonly id: number;
  readonly name: string;
  /** Silence in seconds, by the clock of the server. */
  readonly idle: number;
  readonly flow: Flow;
}

/** An end as CLIENT LIST shows it. */
export function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function parseEndpoint(text = ''): Endpoint {
  const [, address = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  return { address, port: Number(port) };
}

/** Parses the reply of CLIENT LIST. `laddr` exists since Redis 6.2. */
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
        idle: Number(fields.get('idle')),
        flow: { client: parseEndpoint(fields.get('addr')), server: parseEndpoint(fields.get('laddr')) },
      };
    });
}
