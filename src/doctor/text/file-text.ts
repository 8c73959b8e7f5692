import { readFile, stat } from 'node:fs/promises';

/** Pipes that always have a writer: the one a shell opens for `<(command)`, and standard input. */
const HAS_WRITER = /^\/(?:dev|proc)\//;

/**
 * Reads a small text file. A named pipe is refused: without a writer open(2) would block forever, and the process could
 * not exit.
 *
 * @throws Error if the file cannot be read, or is a named pipe
 */
export async function readFileText(path: string): Promise<string> {
  const stats = await stat(path);
  if (stats.isFIFO() && !HAS_WRITER.test(path)) {
    throw new Error(`${path} is a named pipe, expected a regular file`);
  }
  return readFile(path, 'utf8');
}
