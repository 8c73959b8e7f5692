import { readdirSync, readFileSync } from 'node:fs';
import { type ClientRow, keepRow } from '../../../../../src/doctor/client-list/client-row.js';
import { createRowReader } from '../../../../../src/doctor/client-list/row-reader.js';

const FOLDER = new URL('../../../../fixtures/client-list/', import.meta.url);

/** Names of the lists in a folder of the fixtures. */
export function recordedLists(folder: string): readonly string[] {
  return readdirSync(new URL(folder, FOLDER)).filter((file) => file.endsWith('.txt'));
}

/** The rows of a list of the fixtures. */
export function readList(path: string): ClientRow[] {
  const rows: ClientRow[] = [];
  const reader = createRowReader((row) => rows.push(keepRow(row, path)));
  reader.write(readFileSync(new URL(path, FOLDER)));
  reader.end();
  return rows;
}

/** Idle time up to which a connection is in use, or kept alive: workers block for 10 s, heartbeats are sent in 15 s. */
const MAX_ACTIVE_IDLE_SECONDS = 18;

/** The rows as if the programs had run for longer: idle connections were used for longer too, and are idle for longer. */
export function scaled(rows: readonly ClientRow[], factor: number): ClientRow[] {
  return rows.map((row) => ({
    ...row,
    age: row.age * factor,
    idle: row.idle <= MAX_ACTIVE_IDLE_SECONDS ? row.idle : row.idle * factor,
  }));
}

/** The rows with another address. */
export function movedTo(ip: string, rows: readonly ClientRow[]): ClientRow[] {
  return rows.map((row) => ({ ...row, ip, addr: `${ip}:${row.port}` }));
}
