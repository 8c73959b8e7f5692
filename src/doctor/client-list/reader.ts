import { HygieneError } from '../../core/errors.js';
import { RowCursor } from './cursor.js';
import { createForm, join } from './form.js';
import type { Row } from './row.js';

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

/** The longest row that makes sense: a unix socket path, a name and a user may be long, but not that long. */
const MAX_LINE_BYTES = 65_536;

/** A text whose first so many lines hold no row is no CLIENT LIST, however long it goes on. */
const PATIENCE_LINES = 1000;

const NEWLINE = 0x0a;
const EMPTY = new Uint8Array();

/** What RESP3 puts before the text that `nc` shows: `=5579`, a newline, `txt:id=13 …`. */
const [VERBATIM, T] = [Buffer.from('txt:'), 0x74];

function afterVerbatim(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== T) return from;
  const to = from + VERBATIM.length;
  return VERBATIM.equals(bytes.subarray(from, to)) ? to : from;
}

const isBlank = (byte: number) => byte === NEWLINE || byte === 0x0d || byte === 0x20;

function invalid(what: string): HygieneError {
  return new HygieneError('HYG_CLIENT_LIST_INVALID', what);
}

/** Tells rows from other lines, and counts both. Every row names its client's address. */
function createSieve(cursor: RowCursor, onRow: (row: Row) => void) {
  let [rows, strangers, fields] = [0, 0, 0];

  function stranger(): void {
    strangers += 1;
    if (rows === 0 && strangers >= PATIENCE_LINES) throw invalid(`The first ${strangers} lines hold no row.`);
  }

  return {
    stranger,
    /** The cursor stands on a line. One that does not end may be a row cut short: it has fewer fields. */
    take(end: 'ended' | 'open'): 'row' | 'stranger' {
      const isRow = cursor.has('addr') && (end === 'ended' || cursor.fields >= fields);
      if (!isRow) return 'stranger';
      rows += 1;
      fields = cursor.fields;
      onRow(cursor);
      return 'row';
    },
    report(truncated: boolean): ReadReport {
      if (rows > 0) return { rows, strangers, truncated };
      throw invalid(strangers > 0 || truncated ? 'The text holds no row.' : 'The text is empty.');
    },
  };
}

/**
 * Reads a `CLIENT LIST` of any server, as it was sent, or in the quoted form of redis-cli; it never holds more than a
 * piece and a line.
 */
export function createRowReader(onRow: (row: Row) => void): RowReader {
  const cursor = new RowCursor();
  const sieve = createSieve(cursor, onRow);
  const form = createForm();
  let rest = EMPTY;
  /** Inside of a line that is too long: nothing of it is kept. */
  let overlong = false;

  /** Where the bytes go on after a line that is too long; past their end if that one does. */
  function afterOverlong(bytes: Uint8Array): number {
    const newline = bytes.indexOf(NEWLINE);
    overlong = newline < 0;
    return overlong ? bytes.length : newline + 1;
  }

  /** Gives the line that does not end in these bytes. */
  function lines(bytes: Uint8Array): Uint8Array {
    let at = overlong ? afterOverlong(bytes) : 0;
    while (at < bytes.length) {
      if (isBlank(bytes[at] as number)) at += 1;
      else {
        const next = cursor.move(bytes, afterVerbatim(bytes, at), bytes.length);
        if (next < 0) break;
        // As long as what would have been given up, had it come in pieces.
        const fits = next - 1 - at <= MAX_LINE_BYTES;
        if (!fits || sieve.take('ended') === 'stranger') sieve.stranger();
        at = next;
      }
    }
    return bytes.subarray(at);
  }

  /** Keeps what is left of a piece: the beginning of a line. */
  function keep(left: Uint8Array): void {
    if (left.length > MAX_LINE_BYTES) {
      sieve.stranger();
      overlong = true;
    }
    // A copy: the piece is its owner's, who may use it again.
    rest = overlong ? EMPTY : new Uint8Array(left);
  }

  function read(bytes: Uint8Array): void {
    // The line that the last piece began ends in this one: only that is copied.
    const head = rest.length > 0 ? bytes.indexOf(NEWLINE) + 1 || bytes.length : 0;
    if (head > 0) keep(lines(join(rest, bytes.subarray(0, head))));
    if (head < bytes.length) keep(lines(bytes.subarray(head)));
  }

  return {
    write: (chunk) => read(form.plain(chunk)),
    end() {
      read(form.rest());
      const isLeft = rest.length > 0;
      if (isLeft) cursor.move(rest, afterVerbatim(rest, 0), rest.length);
      return sieve.report(isLeft && sieve.take('open') === 'stranger');
    },
  };
}
