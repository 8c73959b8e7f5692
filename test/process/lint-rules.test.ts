import { describe, expect, test } from 'vitest';
import { placesIn } from '../support/lint/cases/case.js';
import { casesOfRules } from '../support/lint/cases/of-rules.js';
import { fileOf } from '../support/lint/languages.js';
import { linters } from '../support/lint/linters.js';
import { createProject } from '../support/lint/project.js';

describe.for(Object.entries(casesOfRules))('%s', ([rule, { invalid, valid }]) => {
  const sources = [...invalid, ...valid].map((one, index) => ({
    ...one,
    // A case whose name matters keeps it, below a folder of its own.
    file: `case-${index}/${fileOf(one)}`,
  }));
  const overrides = sources.flatMap(({ file, options }, index) =>
    options ? [{ file, options: below(`case-${index}`, options) }] : [],
  );
  const expected = sources
    .flatMap(({ file, code }) => placesIn(code).map(({ line, column }) => `${file}:${line}:${column}`))
    .sort();

  test.for(linters)('$name finds what the cases say, where they say it', async (linter) => {
    using project = createProject();
    for (const { file, code } of sources) project.write(file, code);
    linter.configure(project, rule, overrides);
    const findings = await linter.lint(project);
    expect(findings.map(({ file, line, column }) => `${file}:${line}:${column}`).sort()).toEqual(expected);
  });
});

/** Options whose globs begin in a folder. */
function below(
  folder: string,
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { entries } = options;
  return Array.isArray(entries)
    ? { ...options, entries: entries.map((glob) => `${folder}/${glob}`) }
    : options;
}
