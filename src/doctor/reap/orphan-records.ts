import { HygieneError } from '../../core/errors.js';
import type { ClientRow } from '../client-list/client-row.js';

/** A connection that a service has given up, as `orphans()` and the `orphan` events of its factory tell. */
export interface OrphanRecord {
  /** Run of the server that gave the id. */
  readonly runId: string;
  readonly clientId: number;
  /** Connection name, as in CLIENT LIST. */
  readonly name: string;
  /** Client address, as the server saw it. */
  readonly address: string;
}

/** Whether a service has recorded that it has given up the connection of a row. */
export type IsRecorded = (row: ClientRow, runId: string | undefined) => boolean;

/**
 * Reads orphan records: one JSON object per line, such as those of `orphans()` or a log of `orphan` events. Other fields, and events that do not
 * identify a connection, are ignored.
 *
 * @param file name of the file, for messages
 * @throws HygieneError `HYG_CLI_FILE` for a line that is not a JSON object, and if there is no record
 */
export function parseOrphanRecords(text: string, file: string): OrphanRecord[] {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const values = lines
    .filter(({ line }) => line !== '')
    .flatMap(({ line, number }) => readLine(line, file, number));
  const records = values.flatMap(readRecord);
  if (records.length > 0) return records;
  return refuse(`${file} has no orphan record`);
}

function readLine(line: string, file: string, number: number): readonly object[] {
  try {
    const value: unknown = JSON.parse(line);
    if (Array.isArray(value))
      return value.filter((each): each is object => each !== null && typeof each === 'object');
    if (value !== null && typeof value === 'object') return [value];
  } catch {
    // Refused below, as any other line that is no object.
  }
  return refuse(`line ${number} of ${file} is not a JSON object`);
}

function readRecord(value: object): OrphanRecord[] {
  const { runId, clientId, name, address } = value as Partial<Record<keyof OrphanRecord, unknown>>;
  if (typeof runId !== 'string' || runId === '' || !Number.isSafeInteger(clientId)) return [];
  if (typeof name !== 'string' || typeof address !== 'string' || address === '') return [];
  return [{ runId, clientId: clientId as number, name, address }];
}

function refuse(problem: string): never {
  throw new HygieneError(
    'HYG_CLI_FILE',
    `${problem}. Expected lines of JSON with runId, clientId, name and address, as factory.orphans() returns them.`,
  );
}

/**
 * Matches rows with records. An id is given once in a run of a server, so a row with the id, name and address of a record is
 * the connection that the service has given up.
 */
export function createRecordMatcher(records: readonly OrphanRecord[]): IsRecorded {
  const keyOf = (runId: string, id: number, name: string, address: string) =>
    [runId, id, address, name].join(' ');
  const keys = new Set(
    records.map(({ runId, clientId, name, address }) => keyOf(runId, clientId, name, address)),
  );
  return ({ id, name, addr }, runId) => runId !== undefined && keys.has(keyOf(runId, id, name, addr));
}
