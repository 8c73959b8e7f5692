import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './node.js';

/** Name of a folder of examples/services. */
export type SampleName = 'express' | 'fastify' | 'nest' | 'plain' | 'worker';

interface SamplePackage {
  readonly scripts: Readonly<Record<string, string>>;
}

function packageOf(dir: string): SamplePackage {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as SamplePackage;
}

/** Arguments with which the start script runs Node. */
export function startArguments(dir: string): string[] {
  return (packageOf(dir).scripts['start'] ?? '').split(' ').slice(1);
}

/** Compiles a sample that is written in TypeScript, like its build script. @throws Error with the output of tsc */
export async function compile(dir: string): Promise<void> {
  if (existsSync(join(dir, 'tsconfig.json')))
    await runNode(dir, [join(dir, '../node_modules/typescript/bin/tsc')]);
}

/** Runs the tests of a sample against a running service. @throws Error with their output */
export async function runOwnTests(dir: string, url: string): Promise<void> {
  await runNode(dir, ['--test'], { env: { SERVICE_URL: url } });
}
