import { constants, createReadStream, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';
import { errorTable, HygieneError } from '../../core/errors.js';
import { nothingIsLocal } from '../attribution/ip-address.js';
import type { RowView } from '../client-list/client-row.js';
import { createRowReader, type ReadReport } from '../client-list/row-reader.js';
import type { RowSource } from './source.js';

/** Chunk size for files. Large, as a list of a million rows has 156 MB. */
const CHUNK_BYTES = 512 * 1024;

/** A file with a saved `CLIENT LIST`. */
export function createFileSource(path: string, signal: AbortSignal): RowSource {
  return createListSource(path, async () => {
    const isPipe = await stat(path).then(
      (stats) => stats.isFIFO(),
      () => false, // opening the file fails with the same reason
    );
    return isPipe ? openPipe(path, signal) : createReadStream(path, { highWaterMark: CHUNK_BYTES, signal });
  });
}

/** A `CLIENT LIST` on standard input. */
export function createStreamSource(stream: Readable, signal: AbortSignal): RowSource {
  return createListSource('standard input', () => addAbortSignal(signal, stream));
}

/**
 * Opens a named pipe without blocking. A file stream of a pipe without a writer would block a thread in open(2), and the
 * process waits for its threads before it exits.
 */
function openPipe(path: string, signal: AbortSignal): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false, signal });
}

type OpenStream = () => Readable | Promise<Readable>;

function createListSource(target: string, open: OpenStream): RowSource {
  return {
    target,
    kind: 'list',
    maxclients: undefined,
    info: new Map(),
    isLocal: nothingIsLocal,
    own: undefined,
    server: undefined,
    read: (onRow) => readRows(open, target, onRow),
  };
}

async function readRows(
  open: OpenStream,
  target: string,
  onRow: (row: RowView) => void,
): Promise<ReadReport> {
  const reader = createRowReader(onRow);
  try {
    for await (const chunk of await open()) reader.write(chunk as Uint8Array);
    return reader.end();
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof HygieneError) throw invalidListError(error, target);
    throw new HygieneError('HYG_CLI_FILE', `${target} cannot be read: ${text}.`, { cause: error });
  }
}

/** The error of the reader with the name of the file. Its remedy is removed, as the new error appends the same one. */
function invalidListError({ code, message }: HygieneError, target: string): HygieneError {
  const problem = message.replace(errorTable[code].remedy, '').trim();
  return new HygieneError(code, `${target} is not a CLIENT LIST: ${problem}`);
}
