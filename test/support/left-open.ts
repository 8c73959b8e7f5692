import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../loaders/fixtures/left-open', import.meta.url));

/**
 * Folder of a project in which one test file leaves a connection open, and the others close all of theirs, but late: in hooks
 * that are added after those of `trackConnections()`.
 */
export function leftOpenFixture(runner: 'vitest' | 'jest' | 'node'): string {
  return `${FIXTURES}/${runner}`;
}

/** What the error of the fixture's test says: the line that opened the connection, as `file:line:`. */
export function openedBy(file: string): string {
  const lines = readFileSync(`${FIXTURES}/${file}`, 'utf8').split('\n');
  return `1 connection opened by ${basename(file)}:${lines.findIndex((line) => line.includes('// left open')) + 1}:`;
}
