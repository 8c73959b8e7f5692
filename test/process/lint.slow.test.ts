import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixedCodeOf, expectedFindingsIn, type LintCase } from '../support/lint/cases/case.js';
import { invalid, valid } from '../support/lint/cases/index.js';
import { fileOf } from '../support/lint/languages.js';
import { linters, type Finding, type Linter } from '../support/lint/linters.js';
import { createProject, type Project } from '../support/lint/project.js';

interface CaseFile extends LintCase {
  readonly file: string;
}

const caseFiles: readonly CaseFile[] = [...invalid, ...valid].map((lintCase, index) => ({
  ...lintCase,
  file: fileOf(lintCase, `cases/case-${String(index).padStart(3, '0')}`),
}));

const overrides = caseFiles.flatMap(({ file, options }) => (options ? [{ file, options }] : []));

function createProjectFor(linter: Linter): Project {
  const project = createProject();
  for (const { file, code } of caseFiles) project.write(file, code);
  linter.configure(project, 'no-direct-client', overrides);
  return project;
}

function readCaseFiles({ dir }: Project): Record<string, string> {
  return Object.fromEntries(caseFiles.map(({ file }) => [file, readFileSync(join(dir, file), 'utf8')]));
}

/** Places of all findings that the cases announce. */
const expectedPlaces = caseFiles
  .flatMap(({ file, code }) =>
    expectedFindingsIn(code).map(({ line, column }) => `${file}:${line}:${column}`),
  )
  .sort();

const findingsByLinter = new Map<string, readonly Finding[]>();

describe.for(linters)('$name', (linter) => {
  let project: Project;
  beforeAll(() => {
    project = createProjectFor(linter);
  });
  afterAll(() => project[Symbol.dispose]());

  test('has exactly the findings that the cases announce', async () => {
    const findings = await linter.lint(project);
    findingsByLinter.set(linter.name, findings);
    expect(findings.map(({ file, line, column }) => `${file}:${line}:${column}`).sort()).toEqual(
      expectedPlaces,
    );
  });

  test('fixes the cases as they announce, and a second run changes nothing', async () => {
    await linter.fix(project);
    const fixed = readCaseFiles(project);
    expect(fixed).toEqual(
      Object.fromEntries(caseFiles.map((caseFile) => [caseFile.file, fixedCodeOf(caseFile)])),
    );
    await linter.fix(project);
    expect(readCaseFiles(project)).toEqual(fixed);
  });
});

test('all linters report the same findings and messages', () => {
  const [first, ...others] = linters.map(({ name }) => findingsByLinter.get(name));
  expect(first?.length).toBeGreaterThan(500);
  for (const other of others) expect(other).toEqual(first);
});
