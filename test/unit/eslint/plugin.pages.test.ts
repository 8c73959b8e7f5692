import { readFileSync } from 'node:fs';
import { Linter } from 'eslint';
import { describe, expect, test } from 'vitest';
import plugin from '../../../src/eslint/index.js';
import { connectingLibraries } from '../../../src/eslint/library-options/library-table.js';
import { rules } from '../../../src/eslint/plugin.js';
import { casesOfRules } from '../../support/lint/cases/of-rules.js';
import { LANGUAGES } from '../../support/lint/languages.js';

const linter = new Linter();

function pageOf(rule: string): string {
  return readFileSync(new URL(`../../../docs/lint/${rule}.md`, import.meta.url), 'utf8');
}

/** The code below a heading. */
function exampleOf(page: string, heading: string): string {
  const section = page.split(`\n## ${heading}\n`)[1] ?? '';
  return /^```ts\n(.*?)^```$/ms.exec(section)?.[1] ?? '';
}

function linesFoundIn(rule: string, code: string): number[] {
  const found = linter.verify(code, {
    languageOptions: LANGUAGES.module,
    plugins: { 'redis-hygiene': plugin },
    rules: { [`redis-hygiene/${rule}`]: 'error' },
  });
  expect(found.filter(({ fatal }) => fatal)).toEqual([]);
  return found.map(({ line }) => line);
}

describe.for(Object.keys(casesOfRules))('the page of %s', (rule) => {
  const page = pageOf(rule);

  test('bears its name, and says how loud it is', () => {
    expect(page.startsWith(`# ${rule}\n`)).toBe(true);
    const { recommended, strict } = rules[rule] ?? {};
    expect(strict).toBe('error');
    const loudness =
      recommended === 'error' ? '**error** in `recommended` and `strict`' : '**error** in `strict`, off';
    expect(page).toContain(loudness);
  });

  test('shows as wrong what the rule finds, and as right what it does not', () => {
    const right = exampleOf(page, 'Right');
    expect(right).not.toBe('');
    expect(linesFoundIn(rule, right)).toEqual([]);
    expect(linesFoundIn(rule, exampleOf(page, 'Wrong')).length).toBeGreaterThan(0);
  });

  test('names all options', () => {
    const [schema] = (rules[rule]?.rule.meta.schema ?? []) as readonly { properties?: object }[];
    for (const option of Object.keys(schema?.properties ?? {})) expect(page).toContain(`| \`${option}\``);
  });
});

test('every line of a wrong example that has to be found is found', () => {
  const found = (rule: string) => linesFoundIn(rule, exampleOf(pageOf(rule), 'Wrong')).length;
  expect(found('no-client-in-function')).toBe(5);
  expect(found('no-plain-connection')).toBe(5);
  expect(found('no-floating-lease')).toBe(2);
});

test('no-plain-connection lists the libraries that it knows', () => {
  const page = pageOf('no-plain-connection');
  const missing = connectingLibraries
    .flatMap(({ modules }) => modules)
    .filter((name) => !page.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});
