import { appendFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/** Result of one run of Vitest. */
export interface RunRecord {
  readonly passed: number;
  readonly failed: number;
  /** Full names of the failed tests, with the first line of the first error of each. */
  readonly failures: readonly string[];
  /** Full names of the skipped tests. A test that is skipped for a reason has it in its name or in its note. */
  readonly skipped: readonly string[];
}

/** File to which each run appends its record as a line of JSON. `npm run test:all` adds them up. */
const RECORD_FILE = process.env['REDIS_HYGIENE_TEST_RECORD'];

/** Lists failed and skipped tests and what the run left out, then prints the numbers of tests as the last line. */
export class ClosingReporter implements Reporter {
  private vitest: Vitest | undefined;

  /** @param projects Names of all projects */
  constructor(private readonly projects: readonly string[]) {}

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const record = recordOf(modules);
    if (RECORD_FILE !== undefined) {
      appendFileSync(RECORD_FILE, `${JSON.stringify(record)}\n`);
      return;
    }
    const leftOut = this.leftOut();
    const lines = [
      ...failureLines(record.failures),
      ...skippedLines(record.skipped),
      ...(leftOut.length > 0 ? [`Left out: ${leftOut.join(', ')}. \`npm run test:all\` runs them.`] : []),
      closingLine(record.passed, record.failed, record.skipped.length),
    ];
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }

  /** Projects that did not run, and what only `npm run test:all` adds. */
  private leftOut(): readonly string[] {
    const selected = this.vitest?.projects.map(({ name }) => name) ?? [];
    return [
      ...this.projects.filter((name) => !selected.includes(name)).map((name) => `project ${name}`),
      ...(this.vitest?.config.coverage.enabled ? [] : ['coverage']),
      ...(process.env['REDIS_HYGIENE_TEST_NODE'] === undefined ? ['other majors of Node'] : []),
    ];
  }
}

export function failureLines(failures: readonly string[]): string[] {
  return failures.map((failure) => `Failed: ${failure}`);
}

export function skippedLines(skipped: readonly string[]): string[] {
  return skipped.map((name) => `Skipped: ${name}`);
}

export function closingLine(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function recordOf(modules: readonly TestModule[]): RunRecord {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string) => tests.filter((test) => test.result().state === state);
  // A file that could not be loaded has no tests and counts as one failure.
  const broken = modules.filter((module) => module.state() === 'failed' && !module.children.size);
  const failed = inState('failed');
  return {
    passed: inState('passed').length,
    failed: failed.length + broken.length,
    failures: [
      ...failed.map((test) => `${nameOf(test)}: ${firstLine(test.result().errors)}`),
      ...broken.map((module) => `${module.project.name}: ${module.moduleId}: ${firstLine(module.errors())}`),
    ],
    skipped: inState('skipped').map(nameOf),
  };
}

function firstLine(errors: readonly { readonly message: string }[] | undefined): string {
  return errors?.[0]?.message.split('\n', 1)[0] ?? 'no error was recorded';
}

function nameOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return `${test.project.name}: ${test.fullName}${note === undefined ? '' : ` (${note})`}`;
}
