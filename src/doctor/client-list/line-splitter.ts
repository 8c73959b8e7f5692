import { READ_AHEAD_BYTES } from './row-cursor.js';

/** The longest line that is read as a row. Socket paths, names and user names may be long, but together stay far below. */
const MAX_LINE_BYTES = 65_536;

/** Room for one line, and for as many bytes that are read along with it. */
const BUFFER_BYTES = 2 * MAX_LINE_BYTES;

const [NEWLINE, RETURN, SPACE] = [0x0a, 0x0d, 0x20] as const;

/** Splits a text that arrives in chunks into lines. At most two lines are kept in memory. */
export interface LineSplitter {
  write(chunk: Uint8Array): void;
  /** Scans the last line if no newline ended it. Returns whether there was one. */
  end(): boolean;
}

/** Callbacks for the lines of a text. Offsets are those of the line buffer. */
export interface LineHandler {
  /** Scans the line that begins at `from`, and returns the offset of the newline that ends it. */
  readonly findLineEnd: (from: number) => number;
  /** The line that was scanned last is complete. */
  readonly onLine: () => void;
  /** A line is longer than 64 KiB. */
  readonly onOverlongLine: () => void;
}

/** The buffer that lines are scanned in. */
export function createLineBuffer(): Uint8Array {
  return new Uint8Array(BUFFER_BYTES + 1 + READ_AHEAD_BYTES);
}

/**
 * Creates a splitter that copies each chunk into `bytes` and scans the lines there. The one buffer stays in the processor's
 * cache, and a line that spans two chunks is contiguous. A newline stands behind the last byte, so every search ends there
 * at the latest.
 */
export function createLineSplitter(bytes: Uint8Array, handler: LineHandler): LineSplitter {
  let filled = 0;
  /** Whether the present line is too long. Its bytes are dropped. */
  let isOverlong = false;

  /** The offset behind the end of a line that is too long. */
  function skipOverlongLine(): number {
    const newline = bytes.indexOf(NEWLINE);
    isOverlong = newline === filled;
    return isOverlong ? filled : newline + 1;
  }

  /** Scans all lines in the buffer. Returns the offset of the line that does not end there. */
  function scanLines(): number {
    let at = isOverlong ? skipOverlongLine() : 0;
    while (at < filled) {
      if (isBlank(bytes[at] as number)) at += 1;
      else {
        const end = handler.findLineEnd(at);
        if (end === filled) break;
        // The same limit as for a line that arrives in several chunks.
        if (end - at > MAX_LINE_BYTES) handler.onOverlongLine();
        else handler.onLine();
        at = end + 1;
      }
    }
    return at;
  }

  /** Moves the line that has begun to the front of the buffer. */
  function keepFrom(from: number): void {
    if (filled - from > MAX_LINE_BYTES) {
      handler.onOverlongLine();
      isOverlong = true;
      filled = 0;
    } else {
      bytes.copyWithin(0, from, filled);
      filled -= from;
    }
  }

  return {
    write(chunk) {
      for (let from = 0; from < chunk.length;) {
        const part = chunk.subarray(from, from + BUFFER_BYTES - filled);
        bytes.set(part, filled);
        from += part.length;
        filled += part.length;
        bytes[filled] = NEWLINE;
        keepFrom(scanLines());
      }
    },
    end() {
      bytes[filled] = NEWLINE;
      if (filled > 0) handler.findLineEnd(0);
      return filled > 0;
    },
  };
}

const isBlank = (byte: number) => byte === NEWLINE || byte === RETURN || byte === SPACE;
