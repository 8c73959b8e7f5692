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
  file: fileOf(lintCase, `${lintCase.project ?? 'cases'}/case-${String(index).padStart(3, '0')}`),
}));

/** Cases about mocks would have an effect on the fixes of the other cases in the same project. */
const caseGroups = {
  clients: caseFiles.filter(({ project }) => project === undefined),
  mocks: caseFiles.filter(({ project }) => project !== undefined),
};

function createProjectFor(linter: Linter, files: readonly CaseFile[]): Project {
  const project = createProject();
  for (const { file, code } of files) project.write(file, code);
  // Mocks are reported in projects that use ioredis.
  project.write('cases/user.mjs', `import { Command } from 'ioredis';\n`);
  const overrides = files.flatMap(({ file, options }) => (options ? [{ file, options }] : []));
  linter.configure(project, 'no-direct-client', overrides);
  return project;
}

const groupsByLinter = linters.flatMap((linter) =>
  Object.entries(caseGroups).map(([group, files]) => ({
    name: `${linter.name}, ${group}`,
    linter,
    files,
    group,
  })),
);

const findingsByGroup = new Map<string, (readonly Finding[])[]>();

describe.for(groupsByLinter)('$name', ({ linter, files, group }) => {
  let project: Project;
  beforeAll(() => {
    project = createProjectFor(linter, files);
  });
  afterAll(() => project[Symbol.dispose]());

  const readCaseFiles = () =>
    Object.fromEntries(files.map(({ file }) => [file, readFileSync(join(project.dir, file), 'utf8')]));

  test('has exactly the findings that the cases announce', async () => {
    const findings = await linter.lint(project);
    findingsByGroup.set(group, [...(findingsByGroup.get(group) ?? []), findings]);
    const expected = files.flatMap(({ file, code }) =>
      expectedFindingsIn(code).map(({ line, column }) => `${file}:${line}:${column}`),
    );
    expect(findings.map(({ file, line, column }) => `${file}:${line}:${column}`).sort()).toEqual(
      expected.sort(),
    );
  });

  test('fixes the cases as they announce, and a second run changes nothing', async () => {
    await linter.fix(project);
    const fixed = readCaseFiles();
    expect(fixed).toEqual(
      Object.fromEntries(files.map((caseFile) => [caseFile.file, fixedCodeOf(caseFile)])),
    );
    await linter.fix(project);
    expect(readCaseFiles()).toEqual(fixed);
  });
});

test('all linters report the same findings and messages', () => {
  expect(findingsByGroup.get('clients')?.[0]?.length).toBeGreaterThan(500);
  for (const [first, ...others] of findingsByGroup.values()) {
    expect(others).toHaveLength(linters.length - 1);
    for (const other of others) expect(other).toEqual(first);
  }
});
