import { HygieneError } from '../../../../../src/core/errors.js';
import { clientListFields } from '../../../../../src/doctor/client-list/client-row.js';
import { createRowReader, type ReadReport } from '../../../../../src/doctor/client-list/row-reader.js';

/** Fields of a row by name. */
export type Fields = Readonly<Record<string, string>>;

/** Result of reading a text: the rows, and the report or the error. */
export interface Reading {
  readonly rows: readonly Fields[];
  readonly end: ReadReport | { readonly error: string };
}

/** Reads the chunks of one text. @throws any error except `HYG_CLIENT_LIST_INVALID` */
export function read(...chunks: readonly Uint8Array[]): Reading {
  const rows: Fields[] = [];
  const reader = createRowReader((row) => {
    const fields = clientListFields.map((field) => [field, row.text(field)]).filter(([, text]) => text);
    const id = row.number('id');
    rows.push({ ...(Object.fromEntries(fields) as Fields), 'id as number': String(id) });
  });
  try {
    for (const chunk of chunks) reader.write(chunk);
    return { rows, end: reader.end() };
  } catch (error) {
    if (!(error instanceof HygieneError) || error.code !== 'HYG_CLIENT_LIST_INVALID') throw error;
    return { rows, end: { error: error.message } };
  }
}
