import { HygieneError } from '../../core/errors.js';
import type { RowView } from './client-row.js';
import { createLines, lineBytes } from './line-splitter.js';
import { createForm } from './quoted-form.js';
import { RowCursor } from './row-cursor.js';

/** What was read. */
export interface ReadReport {
  readonly rows: number;
  /** Lines that are no rows. */
  readonly strangers: number;
  /** Whether the last line ends in the middle of a row; it is not counted. */
  readonly truncated: boolean;
}

/** Takes the bytes of a `CLIENT LIST`, in pieces of any size, and gives its rows. */
export interface RowReader {
  /** @throws HygieneError `HYG_CLIENT_LIST_INVALID`, where the text is clearly something else */
  write(chunk: Uint8Array): void;
  /** @throws HygieneError `HYG_CLIENT_LIST_INVALID`, where there was no row */
  end(): ReadReport;
}

/** A text whose first so many lines hold no row is no CLIENT LIST, however long it goes on. */
const PATIENCE_LINES = 1000;

/** What RESP3 puts before the text that `nc` shows: `=5579`, a newline, `txt:id=13 …`. */
const [VERBATIM, T] = [Buffer.from('txt:'), 0x74];

function afterVerbatim(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== T) return from;
  const to = from + VERBATIM.length;
  return VERBATIM.equals(bytes.subarray(from, to)) ? to : from;
}

function invalid(what: string): HygieneError {
  return new HygieneError('HYG_CLIENT_LIST_INVALID', what);
}

/** Tells rows from other lines, and counts both. Every row names its client's address. */
function createSieve(cursor: RowCursor, onRow: (row: RowView) => void) {
  let [rows, strangers] = [0, 0];
  /** Of the row before. Rows of as many words have as many fields, but where a path has blanks in it. */
  let [words, fields] = [0, 0];

  function stranger(): void {
    strangers += 1;
    if (rows === 0 && strangers >= PATIENCE_LINES) throw invalid(`The first ${strangers} lines hold no row.`);
  }

  return {
    stranger,
    /** The cursor stands on a line. One that does not end may be a row cut short: it has fewer fields. */
    take(end: 'ended' | 'open'): 'row' | 'stranger' {
      const isRow = cursor.has('addr') && (end === 'ended' || cursor.countFields() >= fields);
      if (!isRow) return 'stranger';
      rows += 1;
      if (cursor.words !== words) [words, fields] = [cursor.words, cursor.countFields()];
      onRow(cursor);
      return 'row';
    },
    report(truncated: boolean): ReadReport {
      if (rows > 0) return { rows, strangers, truncated };
      throw invalid(strangers > 0 || truncated ? 'The text holds no row.' : 'The text is empty.');
    },
  };
}

/** Reads a `CLIENT LIST` of any server, as it was sent, or in the quoted form of redis-cli. */
export function createRowReader(onRow: (row: RowView) => void): RowReader {
  const bytes = lineBytes();
  const cursor = new RowCursor(bytes);
  const sieve = createSieve(cursor, onRow);
  const form = createForm();
  const lines = createLines(bytes, {
    look: (from) => cursor.move(afterVerbatim(bytes, from)),
    take: () => sieve.take('ended') === 'stranger' && sieve.stranger(),
    skip: sieve.stranger,
  });
  return {
    write: (chunk) => lines.write(form.plain(chunk)),
    end() {
      lines.write(form.rest());
      return sieve.report(lines.end() && sieve.take('open') === 'stranger');
    },
  };
}
