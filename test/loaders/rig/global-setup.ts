import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the packed package, as it would be published. */
    tarball: string;
  }
}

/** Packs the package once for all test files. Runs after the build. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-packed-'));
  const printed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [{ filename }] = JSON.parse(printed) as [{ filename: string }];
  project.provide('tarball', join(folder, filename));
  return () => rmSync(folder, { recursive: true, force: true });
}
