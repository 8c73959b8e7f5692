import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../../fixtures/client-list/', import.meta.url);

/** A client list as a server, or a program such as redis-cli, wrote it. */
export interface Fixture {
  readonly file: string;
  readonly bytes: Buffer;
}

/** All files of `test/fixtures/client-list`. The README there describes their origin. */
export const fixtures: readonly Fixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => ({ file, bytes: readFileSync(new URL(file, FOLDER)) }));

/** Bytes of one file of `test/fixtures/client-list`. */
export function fixture(file: string): Buffer {
  return readFileSync(new URL(file, FOLDER));
}
