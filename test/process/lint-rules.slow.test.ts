import { describe, expect, test } from 'vitest';
import { expectedFindingsIn } from '../support/lint/cases/case.js';
import { casesByRule } from '../support/lint/cases/by-rule.js';
import { fileOf } from '../support/lint/languages.js';
import { linters } from '../support/lint/linters.js';
import { createProject } from '../support/lint/project.js';

describe.for(Object.entries(casesByRule))('%s', ([rule, { invalid, valid }]) => {
  const caseFiles = [...invalid, ...valid].map((lintCase, index) => ({
    ...lintCase,
    // Each case has a folder, so that a case with a file name keeps it.
    file: `case-${index}/${fileOf(lintCase)}`,
  }));
  const overrides = caseFiles.flatMap(({ file, options }, index) =>
    options ? [{ file, options: moveGlobs(`case-${index}`, options) }] : [],
  );
  const expectedPlaces = caseFiles
    .flatMap(({ file, code }) =>
      expectedFindingsIn(code).map(({ line, column }) => `${file}:${line}:${column}`),
    )
    .sort();

  test.for(linters)('$name has exactly the findings that the cases announce', async (linter) => {
    using project = createProject();
    for (const { file, code } of caseFiles) project.write(file, code);
    linter.configure(project, rule, overrides);
    const findings = await linter.lint(project);
    expect(findings.map(({ file, line, column }) => `${file}:${line}:${column}`).sort()).toEqual(
      expectedPlaces,
    );
  });
});

/** Options with their globs moved into a folder. */
function moveGlobs(
  folder: string,
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { entries } = options;
  return Array.isArray(entries)
    ? { ...options, entries: entries.map((glob) => `${folder}/${glob}`) }
    : options;
}
