import { Redis } from 'ioredis';

/** A row of CLIENT LIST, by field. */
export type Row = Readonly<Record<string, string>>;

/** A connection that reads CLIENT LIST. Its own row is left out. */
export interface Observer {
  rows(): Promise<readonly Row[]>;
  close(): void;
}

export function readRow(line: string): Row {
  return Object.fromEntries(line.split(' ').map((field) => field.split(/=(.*)/s) as [string, string]));
}

export function observe(url: string): Observer {
  const client = new Redis(url);
  return {
    async rows() {
      const [id, list] = await Promise.all([client.client('ID'), client.client('LIST')]);
      const rows = String(list).trim().split('\n').map(readRow);
      return rows.filter((row) => row['id'] !== String(id));
    },
    close: () => client.disconnect(),
  };
}
