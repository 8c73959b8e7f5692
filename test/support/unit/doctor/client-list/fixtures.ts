import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../../fixtures/client-list/', import.meta.url);

/** What a server wrote, or a program that had asked it. */
export interface Fixture {
  readonly file: string;
  readonly bytes: Buffer;
}

/** All of `test/fixtures/client-list`; its README says where each is from. */
export const fixtures: readonly Fixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => ({ file, bytes: readFileSync(new URL(file, FOLDER)) }));

export function fixture(file: string): Buffer {
  return readFileSync(new URL(file, FOLDER));
}
