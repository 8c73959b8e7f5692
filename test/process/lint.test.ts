import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outputOf, placesIn, type Case } from '../support/lint/cases/case.js';
import { invalid, valid } from '../support/lint/cases/index.js';
import { fileOf } from '../support/lint/languages.js';
import { linters, type Finding, type Linter } from '../support/lint/linters.js';
import { createProject, type Project } from '../support/lint/project.js';

interface Source extends Case {
  readonly file: string;
}

const sources: readonly Source[] = [...invalid, ...valid].map((one, index) => ({
  ...one,
  file: fileOf(one, `cases/case-${String(index).padStart(3, '0')}`),
}));

const overrides = sources.flatMap(({ file, options }) => (options ? [{ file, options }] : []));

function placeAll(linter: Linter): Project {
  const project = createProject();
  for (const { file, code } of sources) project.write(file, code);
  linter.configure(project, 'no-direct-client', overrides);
  return project;
}

function textsIn({ dir }: Project): Record<string, string> {
  return Object.fromEntries(sources.map(({ file }) => [file, readFileSync(join(dir, file), 'utf8')]));
}

/** Where the cases say that something is found. */
const expected = sources
  .flatMap(({ file, code }) => placesIn(code).map(({ line, column }) => `${file}:${line}:${column}`))
  .sort();

const found = new Map<string, readonly Finding[]>();

describe.for(linters)('$name', (linter) => {
  let project: Project;
  beforeAll(() => {
    project = placeAll(linter);
  });
  afterAll(() => project[Symbol.dispose]());

  test('finds what the cases say, where they say it', async () => {
    const findings = await linter.lint(project);
    found.set(linter.name, findings);
    expect(findings.map(({ file, line, column }) => `${file}:${line}:${column}`).sort()).toEqual(expected);
  });

  test('fixes what the cases say, and a second time nothing', async () => {
    await linter.fix(project);
    const once = textsIn(project);
    expect(once).toEqual(Object.fromEntries(sources.map((one) => [one.file, outputOf(one)])));
    await linter.fix(project);
    expect(textsIn(project)).toEqual(once);
  });
});

test('all linters say the same', () => {
  const [first, ...others] = linters.map(({ name }) => found.get(name));
  expect(first?.length).toBeGreaterThan(500);
  for (const other of others) expect(other).toEqual(first);
});
