import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { HygieneError } from '../../core/errors.js';
import { nowhere } from '../attribution/locality.js';
import { createRowReader, type ReadReport } from '../client-list/reader.js';
import type { Row } from '../client-list/row.js';
import type { Source } from './source.js';

/** Large pieces: a list of a million rows is 156 MB. */
const PIECE_BYTES = 512 * 1024;

async function readAll(stream: Readable, target: string, onRow: (row: Row) => void): Promise<ReadReport> {
  const reader = createRowReader(onRow);
  try {
    for await (const piece of stream) reader.write(piece as Uint8Array);
    return reader.end();
  } catch (error) {
    stream.destroy();
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof HygieneError)
      throw new HygieneError(error.code, `${target} is no CLIENT LIST: ${text}`);
    throw new HygieneError('HYG_CLI_FILE', `${target} cannot be read: ${text}.`, { cause: error });
  }
}

function listSource(target: string, open: () => Readable): Source {
  return {
    target,
    kind: 'list',
    maxclients: undefined,
    info: new Map(),
    isLocal: nowhere,
    serverIp: undefined,
    server: undefined,
    read: (onRow) => readAll(open(), target, onRow),
  };
}

/** A `CLIENT LIST` that somebody saved. */
export function fileSource(path: string, signal: AbortSignal): Source {
  return listSource(path, () => createReadStream(path, { highWaterMark: PIECE_BYTES, signal }));
}

/** A `CLIENT LIST` that comes down a pipe. */
export function streamSource(stream: Readable, signal: AbortSignal): Source {
  return listSource('standard input', () => addAbortSignal(signal, stream));
}
