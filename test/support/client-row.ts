/** Fields of a row of CLIENT LIST that tests use. */
export interface ClientRow {
  readonly id: number;
  readonly name: string;
  /** Local port of the client. */
  readonly port: number;
  readonly flags: string;
}

/** Reads one line of CLIENT LIST. */
export function readRow(line: string): ClientRow {
  const fields = new Map(line.split(' ').map((field) => field.split(/=(.*)/s) as [string, string]));
  const port = Number(/:(\d+)$/.exec(fields.get('addr') ?? '')?.[1]);
  return {
    id: Number(fields.get('id')),
    name: fields.get('name') ?? '',
    port,
    flags: fields.get('flags') ?? '',
  };
}
