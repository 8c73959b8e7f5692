import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './node.js';

/** The folders of examples/services. */
export type SampleName = 'express' | 'fastify' | 'nest' | 'plain' | 'worker';

interface Package {
  readonly scripts: Readonly<Record<string, string>>;
}

function packageOf(dir: string): Package {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Package;
}

/** What `npm start` would call Node with. */
export function startArguments(dir: string): string[] {
  return (packageOf(dir).scripts['start'] ?? '').split(' ').slice(1);
}

/** Compiles a sample that is written in TypeScript, as its `npm run build` does. @throws Error with what tsc says */
export async function compile(dir: string): Promise<void> {
  if (existsSync(join(dir, 'tsconfig.json')))
    await runNode(dir, [join(dir, '../node_modules/typescript/bin/tsc')]);
}

/** Runs the tests of a sample against the service at that address. @throws Error with what they printed */
export async function runOwnTests(dir: string, url: string): Promise<void> {
  await runNode(dir, ['--test'], { env: { SERVICE_URL: url } });
}
