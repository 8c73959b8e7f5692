import { readFile, stat } from 'node:fs/promises';

/** What a shell puts there for `<(command)`, and standard input, have somebody who writes. */
const OF_THE_SYSTEM = /^\/(?:dev|proc)\//;

/**
 * Reads a file that is small. A named pipe is refused: without a writer, open(2) would wait for ever, and the end of the
 * process for it.
 */
export async function readFileText(path: string): Promise<string> {
  const found = await stat(path);
  if (found.isFIFO() && !OF_THE_SYSTEM.test(path)) {
    throw new Error(`${path} is a named pipe, expected a regular file`);
  }
  return readFile(path, 'utf8');
}
