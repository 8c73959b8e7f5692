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
 * Reads orphan records: one JSON object per line, such as those of `orphans()` or a log of `orphan` events. Other fields,
 * lines of a log that are no JSON, objects that do not identify a connection, and events with another outcome than
 * `unreached` or `forgotten`, are ignored.
 */
export function parseOrphanRecords(text: string): OrphanRecord[] {
  return text.split('\n').flatMap(readLine).flatMap(readRecord);
}

function readLine(line: string): readonly object[] {
  try {
    const values = [JSON.parse(line)].flat() as unknown[];
    return values.filter((value): value is object => typeof value === 'object' && value !== null);
  } catch {
    return [];
  }
}

/** Outcomes with which a service gives an orphan up without a doubt about whose it is, unlike with `refused`. */
const UNDISPUTED_OUTCOMES: ReadonlySet<unknown> = new Set([undefined, 'unreached', 'forgotten']);

function readRecord(value: object): OrphanRecord[] {
  const { runId, clientId, name, address, outcome } = value as Readonly<Record<string, unknown>>;
  if (!UNDISPUTED_OUTCOMES.has(outcome)) return [];
  if (typeof runId !== 'string' || runId === '' || !Number.isSafeInteger(clientId)) return [];
  if (typeof name !== 'string' || typeof address !== 'string' || address === '') return [];
  return [{ runId, clientId: clientId as number, name, address }];
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
