import { READ_BEYOND } from './row-cursor.js';

/** The longest row that makes sense: a unix socket path, a name and a user may be long, but not that long. */
const MAX_LINE_BYTES = 65_536;

/** Room for a line, and for as much again that is read with it. */
const CAPACITY = 2 * MAX_LINE_BYTES;

const [NEWLINE, RETURN, SPACE] = [0x0a, 0x0d, 0x20] as const;

const isBlank = (byte: number) => byte === NEWLINE || byte === RETURN || byte === SPACE;

/** The bytes that lines stand in while they are looked at. */
export function lineBytes(): Uint8Array {
  return new Uint8Array(CAPACITY + 1 + READ_BEYOND);
}

/** Who is given the lines. */
export interface LineReader {
  /** Looks at the line that begins there, and gives the place of the newline that ends it. */
  readonly look: (from: number) => number;
  /** The line that was looked at is whole. */
  readonly take: () => void;
  /** A line is too long. */
  readonly skip: () => void;
}

/** A text that comes in pieces, line by line. Never more than two lines are kept. */
export interface Lines {
  write(piece: Uint8Array): void;
  /** Looks at the last line if no newline ended it. Gives whether there was one. */
  end(): boolean;
}

/**
 * Gives the lines of a text, by their places in `bytes`. All pieces go through these: so they stay in the processor's
 * cache, and no line is in two places. A newline stands behind the last byte: each search ends there at the latest.
 */
export function createLines(bytes: Uint8Array, reader: LineReader): Lines {
  let filled = 0;
  /** Inside of a line that is too long: nothing of it is kept. */
  let overlong = false;

  /** Where the bytes go on after a line that is too long. */
  function afterOverlong(): number {
    const newline = bytes.indexOf(NEWLINE);
    overlong = newline === filled;
    return overlong ? filled : newline + 1;
  }

  /** Gives where the line begins that does not end in these bytes. */
  function read(): number {
    let at = overlong ? afterOverlong() : 0;
    while (at < filled) {
      if (isBlank(bytes[at] as number)) at += 1;
      else {
        const end = reader.look(at);
        if (end === filled) break;
        // As long as what would have been given up, had it come in pieces.
        if (end - at > MAX_LINE_BYTES) reader.skip();
        else reader.take();
        at = end + 1;
      }
    }
    return at;
  }

  /** Keeps the line that has begun. */
  function keep(from: number): void {
    if (filled - from > MAX_LINE_BYTES) {
      reader.skip();
      overlong = true;
      filled = 0;
    } else {
      bytes.copyWithin(0, from, filled);
      filled -= from;
    }
  }

  return {
    write(piece) {
      for (let from = 0; from < piece.length;) {
        const part = piece.subarray(from, from + CAPACITY - filled);
        bytes.set(part, filled);
        from += part.length;
        filled += part.length;
        bytes[filled] = NEWLINE;
        keep(read());
      }
    },
    end() {
      bytes[filled] = NEWLINE;
      if (filled > 0) reader.look(0);
      return filled > 0;
    },
  };
}
