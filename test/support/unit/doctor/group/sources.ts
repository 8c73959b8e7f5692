import { nothingIsLocal } from '../../../../../src/doctor/attribution/ip-address.js';
import { type ClientRow, viewRow } from '../../../../../src/doctor/client-list/client-row.js';
import type { RowSource } from '../../../../../src/doctor/sources/source.js';

/** A source that returns these rows each time it is read. */
export function listSource(
  target: string,
  rows: readonly ClientRow[],
  given: Partial<Pick<RowSource, 'kind' | 'maxclients'>> = {},
): RowSource {
  return {
    ...{ target, kind: 'list', maxclients: undefined, info: new Map(), isLocal: nothingIsLocal },
    ...{ own: undefined, server: undefined },
    read(onRow) {
      for (const row of rows) onRow(viewRow(row));
      return Promise.resolve({ rows: rows.length, skippedLines: 0, truncated: false });
    },
    ...given,
  };
}
