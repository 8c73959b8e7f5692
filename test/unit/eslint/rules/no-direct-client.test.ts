import { Linter, RuleTester, type Rule } from 'eslint';
import { describe, expect, test } from 'vitest';
import plugin from '../../../../src/eslint/index.js';
import { outputOf, placesIn, type Case } from '../../../support/lint/cases/case.js';
import { invalid, valid } from '../../../support/lint/cases/index.js';
import { fileOf, LANGUAGES } from '../../../support/lint/languages.js';

RuleTester.describe = describe;
RuleTester.it = test;

const rule = plugin.rules['no-direct-client'] as Rule.RuleModule;

function settingsOf(one: Case) {
  return {
    name: one.title,
    code: one.code,
    filename: fileOf(one),
    languageOptions: LANGUAGES[one.language],
    options: one.options ? [one.options] : [],
  };
}

new RuleTester().run('no-direct-client', rule, {
  valid: valid.map(settingsOf),
  invalid: invalid.map((one) => ({
    ...settingsOf(one),
    errors: placesIn(one.code),
    output: outputOf(one) === one.code ? null : outputOf(one),
  })),
});

test('each case announces findings, or none', () => {
  expect(invalid.filter(({ code }) => placesIn(code).length === 0)).toEqual([]);
  expect(valid.filter(({ code }) => placesIn(code).length > 0)).toEqual([]);
  expect(invalid.length).toBeGreaterThanOrEqual(60);
  expect(valid.length).toBeGreaterThanOrEqual(60);
});

describe('the fix', () => {
  const fixable = invalid.filter((one) => outputOf(one) !== one.code);
  const linter = new Linter();
  const fix = (one: Case, code: string) =>
    linter.verifyAndFix(
      code,
      {
        files: ['**/*.{mjs,cjs,ts,cts}'],
        languageOptions: LANGUAGES[one.language],
        plugins: { 'redis-hygiene': plugin },
        rules: { 'redis-hygiene/no-direct-client': ['error', ...(one.options ? [one.options] : [])] },
      },
      { filename: fileOf(one) },
    );

  test('there is one for ioredis', () => {
    expect(fixable.length).toBeGreaterThan(80);
  });

  test.for(fixable)('of $title leaves nothing to find, and twice is once', (one) => {
    const once = fix(one, one.code);
    expect(once).toEqual({ fixed: true, messages: [], output: outputOf(one) });
    expect(fix(one, once.output)).toEqual({ fixed: false, messages: [], output: once.output });
  });
});
