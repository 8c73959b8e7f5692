import { HygieneError } from '../../core/errors.js';
import { formatBytes, formatCount } from '../text/quantities.js';
import type { RowView } from './client-row.js';
import { createLineBuffer, createLineSplitter } from './line-splitter.js';
import { createFormDecoder } from './quoted-form.js';
import { RowCursor } from './row-cursor.js';

/** Parses the bytes of a `CLIENT LIST`, which arrive in chunks of any size, and reports its rows. */
export interface RowReader {
  /** @throws HygieneError `HYG_CLIENT_LIST_INVALID`, if the text is clearly something else */
  write(chunk: Uint8Array): void;
  /** @throws HygieneError `HYG_CLIENT_LIST_INVALID`, if there was no row */
  end(): ReadReport;
}

/** Counts of one reading. */
export interface ReadReport {
  readonly rows: number;
  /** Lines that are not rows. */
  readonly skippedLines: number;
  /** Whether the last line ends in the middle of a row. Such a row is not counted. */
  readonly truncated: boolean;
}

/** A text without any row in its first so many lines is rejected, however long it is. */
const MAX_LINES_BEFORE_FIRST_ROW = 1000;

/** A text with so many bytes behind its last row is rejected: `/dev/zero`, or another endless file. */
const MAX_BYTES_WITHOUT_ROW = 16 * 1024 ** 2;

/** Creates a reader for the `CLIENT LIST` of any server, as the server sent it or in the quoted form of redis-cli. */
export function createRowReader(onRow: (row: RowView) => void): RowReader {
  const buffer = createLineBuffer();
  const cursor = new RowCursor(buffer);
  const counter = createRowCounter(cursor, onRow);
  const form = createFormDecoder();
  const lines = createLineSplitter(buffer, {
    findLineEnd: (from) => cursor.moveTo(skipVerbatimPrefix(buffer, from)),
    onLine: () => counter.readLine('complete') === 'other' && counter.skipLine(),
    onOverlongLine: counter.skipLine,
  });
  return {
    write(chunk) {
      lines.write(form.decode(chunk));
      counter.countBytes(chunk.length);
    },
    end() {
      lines.write(form.flush());
      return counter.report(lines.end() && counter.readLine('unfinished') === 'other');
    },
  };
}

/** Separates rows from other lines, and counts both. Every row has an `addr` field. */
function createRowCounter(cursor: RowCursor, onRow: (row: RowView) => void) {
  let [rows, skippedLines] = [0, 0];
  /** Counts of the previous row. Rows with as many words have as many fields, unless a socket path contains spaces. */
  let [words, fields] = [0, 0];
  /** Bytes of the chunks since the last one that had a row. */
  let [bytesWithoutRow, rowsBefore] = [0, 0];

  function skipLine(): void {
    skippedLines += 1;
    if (rows === 0 && skippedLines >= MAX_LINES_BEFORE_FIRST_ROW) {
      throw invalidListError(`there is no row in the first ${formatCount(skippedLines, 'line')}.`);
    }
  }

  return {
    skipLine,
    countBytes(bytes: number): void {
      bytesWithoutRow = rows > rowsBefore ? 0 : bytesWithoutRow + bytes;
      rowsBefore = rows;
      if (bytesWithoutRow > MAX_BYTES_WITHOUT_ROW) {
        throw invalidListError(`${formatBytes(bytesWithoutRow)} of it contain no row.`);
      }
    },
    /** Reports the line at the cursor if it is a row. A row that was cut off has fewer fields than the one before it. */
    readLine(state: 'complete' | 'unfinished'): 'row' | 'other' {
      const isRow = cursor.hasValue('addr') && (state === 'complete' || cursor.countFields() >= fields);
      if (!isRow) return 'other';
      rows += 1;
      if (cursor.wordCount !== words) [words, fields] = [cursor.wordCount, cursor.countFields()];
      onRow(cursor);
      return 'row';
    },
    report(truncated: boolean): ReadReport {
      if (rows > 0) return { rows, skippedLines, truncated };
      throw invalidListError(skippedLines > 0 || truncated ? 'it contains no row.' : 'it is empty.');
    },
  };
}

/** The prefix of a verbatim string in RESP3, as `nc` shows it: `=5579`, a newline, `txt:id=13 …`. */
const [VERBATIM, T] = [Buffer.from('txt:'), 0x74];

function skipVerbatimPrefix(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== T) return from;
  const to = from + VERBATIM.length;
  return VERBATIM.equals(bytes.subarray(from, to)) ? to : from;
}

function invalidListError(problem: string): HygieneError {
  return new HygieneError('HYG_CLIENT_LIST_INVALID', problem);
}
