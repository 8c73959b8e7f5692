import { constants, createReadStream, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';
import { errorTable, HygieneError } from '../../core/errors.js';
import { nowhere } from '../attribution/ip-address.js';
import type { RowView } from '../client-list/client-row.js';
import { createRowReader, type ReadReport } from '../client-list/row-reader.js';
import type { Source } from './source.js';

type Open = () => Readable | Promise<Readable>;

/** Large pieces: a list of a million rows is 156 MB. */
const PIECE_BYTES = 512 * 1024;

/** A list that is none: what is to be done is said once, though the error is made anew. */
function renamed({ code, message }: HygieneError, target: string): HygieneError {
  return new HygieneError(
    code,
    `${target} is no CLIENT LIST: ${message.replace(errorTable[code].remedy, '').trim()}`,
  );
}

async function readAll(open: Open, target: string, onRow: (row: RowView) => void): Promise<ReadReport> {
  const reader = createRowReader(onRow);
  try {
    for await (const piece of await open()) reader.write(piece as Uint8Array);
    return reader.end();
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof HygieneError) throw renamed(error, target);
    throw new HygieneError('HYG_CLI_FILE', `${target} cannot be read: ${text}.`, { cause: error });
  }
}

function listSource(target: string, open: Open): Source {
  return {
    target,
    kind: 'list',
    maxclients: undefined,
    info: new Map(),
    isLocal: nowhere,
    serverIp: undefined,
    server: undefined,
    read: (onRow) => readAll(open, target, onRow),
  };
}

/**
 * A named pipe. Read as a file is, one without a writer would hold a thread in open(2), and the end of the process waits
 * for its threads.
 */
function openPipe(path: string, signal: AbortSignal): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false, signal });
}

/** A `CLIENT LIST` that somebody saved. */
export function fileSource(path: string, signal: AbortSignal): Source {
  return listSource(path, async () => {
    const isPipe = await stat(path).then(
      (found) => found.isFIFO(),
      () => false, // opening it says why
    );
    return isPipe ? openPipe(path, signal) : createReadStream(path, { highWaterMark: PIECE_BYTES, signal });
  });
}

/** A `CLIENT LIST` that comes down a pipe. */
export function streamSource(stream: Readable, signal: AbortSignal): Source {
  return listSource('standard input', () => addAbortSignal(signal, stream));
}
