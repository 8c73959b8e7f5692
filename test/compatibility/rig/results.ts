import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CellResult, Way } from './cell.js';
import type { Major } from './install.js';

/** What one run has found, by program. */
export type Results = Record<
  string,
  { readonly version: string; readonly cells: Partial<Record<Way, CellResult>> }
>;

function fileOf(major: Major): string {
  return fileURLToPath(new URL(`../results/ioredis-${major}.json`, import.meta.url));
}

/** Results of the last run that was kept. They are empty before the first one. */
export function readResults(major: Major): Results {
  const file = fileOf(major);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
}

export function writeResults(major: Major, results: Results): void {
  writeFileSync(fileOf(major), `${JSON.stringify(results, null, 2)}\n`);
}
