import { Linter, RuleTester, type Rule } from 'eslint';
import { describe, expect, test } from 'vitest';
import plugin from '../../../../src/eslint/index.js';
import { fixedCodeOf, expectedFindingsIn, type LintCase } from '../../../support/lint/cases/case.js';
import { invalid, valid } from '../../../support/lint/cases/index.js';
import { fileOf, LANGUAGES } from '../../../support/lint/languages.js';
import { ruleTesterCaseOf } from '../../../support/lint/rule-cases.js';

const rule = plugin.rules['no-direct-client'] as Rule.RuleModule;

new RuleTester().run('no-direct-client', rule, {
  valid: valid.map(ruleTesterCaseOf),
  invalid: invalid.map((lintCase) => ({
    ...ruleTesterCaseOf(lintCase),
    errors: expectedFindingsIn(lintCase.code),
    output: fixedCodeOf(lintCase) === lintCase.code ? null : fixedCodeOf(lintCase),
  })),
});

test('invalid cases announce findings, valid cases announce none, and there are enough of both', () => {
  expect(invalid.filter(({ code }) => expectedFindingsIn(code).length === 0)).toEqual([]);
  expect(valid.filter(({ code }) => expectedFindingsIn(code).length > 0)).toEqual([]);
  expect(invalid.length).toBeGreaterThanOrEqual(60);
  expect(valid.length).toBeGreaterThanOrEqual(60);
});

describe('the fix', () => {
  const fixable = invalid.filter((lintCase) => fixedCodeOf(lintCase) !== lintCase.code);
  const linter = new Linter();
  const fix = (lintCase: LintCase, code: string) =>
    linter.verifyAndFix(
      code,
      {
        files: ['**/*.{mjs,cjs,ts,cts}'],
        languageOptions: LANGUAGES[lintCase.language],
        plugins: { 'redis-hygiene': plugin },
        rules: {
          'redis-hygiene/no-direct-client': ['error', ...(lintCase.options ? [lintCase.options] : [])],
        },
      },
      { filename: fileOf(lintCase) },
    );

  test('exists for cases of ioredis', () => {
    expect(fixable.length).toBeGreaterThan(80);
  });

  test.for(fixable)('of $title leaves no findings, and a second run changes nothing', (lintCase) => {
    const first = fix(lintCase, lintCase.code);
    expect(first).toEqual({ fixed: true, messages: [], output: fixedCodeOf(lintCase) });
    expect(fix(lintCase, first.output)).toEqual({ fixed: false, messages: [], output: first.output });
  });
});
