/** A row of CLIENT LIST, as far as tests look at it. */
export interface ClientRow {
  readonly id: number;
  readonly name: string;
  /** The client's own port. */
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
