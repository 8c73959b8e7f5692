import { nothingIsLocal } from '../../../../../src/doctor/attribution/ip-address.js';
import { type ClientRow, viewRow } from '../../../../../src/doctor/client-list/client-row.js';
import type { Source } from '../../../../../src/doctor/sources/source.js';

/** A source that returns these rows each time it is read. */
export function listSource(
  target: string,
  rows: readonly ClientRow[],
  given: Partial<Pick<Source, 'kind' | 'maxclients'>> = {},
): Source {
  return {
    ...{ target, kind: 'list', maxclients: undefined, info: new Map(), isLocal: nothingIsLocal },
    ...{ serverIp: undefined, server: undefined },
    read(onRow) {
      for (const row of rows) onRow(viewRow(row));
      return Promise.resolve({ rows: rows.length, skippedLines: 0, truncated: false });
    },
    ...given,
  };
}
