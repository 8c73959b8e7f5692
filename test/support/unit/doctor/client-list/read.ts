import { HygieneError } from '../../../../../src/core/errors.js';
import { clientListFields } from '../../../../../src/doctor/client-list/client-row.js';
import { createRowReader, type ReadReport } from '../../../../../src/doctor/client-list/row-reader.js';

/** The fields that a row has, by their names. */
export type Fields = Readonly<Record<string, string>>;

/** What came of a text: the rows, and how the reading ended. */
export interface Reading {
  readonly rows: readonly Fields[];
  readonly end: ReadReport | { readonly refused: string };
}

/** Reads the pieces of one text. @throws whatever is no refusal of the reader's own */
export function read(...pieces: readonly Uint8Array[]): Reading {
  const rows: Fields[] = [];
  const reader = createRowReader((row) => {
    const told = clientListFields.map((field) => [field, row.text(field)]).filter(([, text]) => text);
    const id = row.number('id');
    rows.push({ ...(Object.fromEntries(told) as Fields), 'id as number': String(id) });
  });
  try {
    for (const piece of pieces) reader.write(piece);
    return { rows, end: reader.end() };
  } catch (error) {
    if (!(error instanceof HygieneError) || error.code !== 'HYG_CLIENT_LIST_INVALID') throw error;
    return { rows, end: { refused: error.message } };
  }
}
