// `npm run test:all`: runs all tests, and ends with what failed, what was left out and the numbers of all steps.
// `npm run test:all -- --faults acl restart` runs only these fault scenarios.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  closingLine,
  failureLines,
  skippedLines,
  type RunRecord,
} from '../../test/support/closing-reporter.js';
import { scenarios, stepsWith, type Step } from './steps.js';

interface StepResult extends RunRecord {
  readonly name: string;
  /** False if the command failed, or ran no test. */
  readonly isOk: boolean;
}

/** Names of the scenarios that the command line selects. @throws Error for an unknown name */
function selectedScenarios(): readonly string[] {
  const { values, positionals } = parseArgs({
    options: { faults: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (!values.faults && positionals.length === 0) return scenarios;
  const unknown = positionals.filter((name) => !scenarios.includes(name));
  if (!values.faults || positionals.length === 0 || unknown.length > 0)
    throw new Error(`Expected --faults and some of ${scenarios.join(' ')}, got "${positionals.join(' ')}".`);
  return positionals;
}

/** Sum of the records of all runs of Vitest in one step. */
function readRecords(file: string): RunRecord {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const records = lines.map((line) => JSON.parse(line) as RunRecord);
  return {
    passed: records.reduce((sum, { passed }) => sum + passed, 0),
    failed: records.reduce((sum, { failed }) => sum + failed, 0),
    failures: records.flatMap(({ failures }) => failures),
    skipped: records.flatMap(({ skipped }) => skipped),
  };
}

function runStep({ name, command: [program, ...args] }: Step): StepResult {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-test-all-'));
  const file = join(folder, 'records');
  process.stdout.write(`\n--- ${name}: ${[program, ...args].join(' ')}\n`);
  const env = { ...process.env, REDIS_HYGIENE_TEST_RECORD: file };
  const exitCode = spawnSync(program, args, { stdio: 'inherit', env }).status ?? 1;
  const record = readRecords(file);
  rmSync(folder, { recursive: true });
  const hasRun = record.passed + record.failed + record.skipped.length > 0;
  const isOk = exitCode === 0 && hasRun;
  // A step in which no test has failed may fail all the same: below a coverage threshold, or if it ran no test at all.
  return { name, isOk, ...record, failed: isOk ? record.failed : Math.max(1, record.failed) };
}

function report(results: readonly StepResult[], faults: readonly string[]): void {
  const sum = (key: 'passed' | 'failed') => results.reduce((total, result) => total + result[key], 0);
  const skipped = results.flatMap((result) => result.skipped);
  const otherScenarios = scenarios.filter((name) => !faults.includes(name));
  const lines = [
    ...results.map(
      ({ name, isOk, passed, failed, skipped: { length } }) =>
        `${isOk ? 'ok    ' : 'FAILED'} ${name}: ${closingLine(passed, failed, length)}`,
    ),
    ...failureLines(results.flatMap((result) => result.failures)),
    ...skippedLines(skipped),
    ...(otherScenarios.length > 0
      ? [`Left out: the fault scenarios ${otherScenarios.join(', ')}. \`npm run test:faults\` runs them.`]
      : []),
    closingLine(sum('passed'), sum('failed'), skipped.length),
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
  process.exitCode = results.every(({ isOk }) => isOk) ? 0 : 1;
}

const faults = selectedScenarios();
report(stepsWith(faults).map(runStep), faults);
