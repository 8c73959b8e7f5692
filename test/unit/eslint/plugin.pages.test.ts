import { readFileSync } from 'node:fs';
import { Linter } from 'eslint';
import { describe, expect, test } from 'vitest';
import plugin from '../../../src/eslint/index.js';
import { connectingLibraries } from '../../../src/eslint/library-options/library-table.js';
import { rules } from '../../../src/eslint/plugin.js';
import { casesByRule } from '../../support/lint/cases/by-rule.js';
import { LANGUAGES } from '../../support/lint/languages.js';

const linter = new Linter();

function pageOf(rule: string): string {
  return readFileSync(new URL(`../../../docs/lint/${rule}.md`, import.meta.url), 'utf8');
}

/** The first code block below a heading of a page. */
function exampleOf(page: string, heading: string): string {
  const section = page.split(`\n## ${heading}\n`)[1] ?? '';
  return /^```ts\n(.*?)^```$/ms.exec(section)?.[1] ?? '';
}

function linesOfFindings(rule: string, code: string): number[] {
  const messages = linter.verify(code, {
    languageOptions: LANGUAGES.module,
    plugins: { 'redis-hygiene': plugin },
    rules: { [`redis-hygiene/${rule}`]: 'error' },
  });
  expect(messages.filter(({ fatal }) => fatal)).toEqual([]);
  return messages.map(({ line }) => line);
}

describe.for(Object.keys(casesByRule))('the page of %s', (rule) => {
  const page = pageOf(rule);

  test('has its name as the title, and states its severity', () => {
    expect(page.startsWith(`# ${rule}\n`)).toBe(true);
    const { recommended, strict } = rules[rule] ?? {};
    expect(strict).toBe('error');
    const severity =
      recommended === 'error' ? '**error** in `recommended` and `strict`' : '**error** in `strict`, off';
    expect(page).toContain(severity);
  });

  test('has findings in its wrong example, and none in its right one', () => {
    const right = exampleOf(page, 'Right');
    expect(right).not.toBe('');
    expect(linesOfFindings(rule, right)).toEqual([]);
    expect(linesOfFindings(rule, exampleOf(page, 'Wrong')).length).toBeGreaterThan(0);
  });

  test('lists all options', () => {
    const [schema] = (rules[rule]?.rule.meta.schema ?? []) as readonly { properties?: object }[];
    for (const option of Object.keys(schema?.properties ?? {})) expect(page).toContain(`| \`${option}\``);
  });
});

test('each wrong example has the expected number of findings', () => {
  const findingsOf = (rule: string) => linesOfFindings(rule, exampleOf(pageOf(rule), 'Wrong')).length;
  expect(findingsOf('no-client-in-function')).toBe(5);
  expect(findingsOf('no-plain-connection')).toBe(5);
  expect(findingsOf('no-floating-lease')).toBe(2);
});

test('the page of no-plain-connection lists all libraries of its table', () => {
  const page = pageOf('no-plain-connection');
  const missing = connectingLibraries
    .flatMap(({ modules }) => modules)
    .filter((name) => !page.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});
