import { RuleTester, type Rule } from 'eslint';
import { describe, expect, test } from 'vitest';
import plugin from '../../../src/eslint/index.js';
import { expectedFindingsIn, type LintCase } from './cases/case.js';
import { fileOf, LANGUAGES } from './languages.js';

RuleTester.describe = describe;
RuleTester.it = test;

/** Case in the form that ESLint's RuleTester expects. */
export function ruleTesterCaseOf(lintCase: LintCase) {
  const { title, code, language, options } = lintCase;
  return {
    name: title,
    code,
    filename: fileOf(lintCase),
    languageOptions: LANGUAGES[language],
    options: options ? [options] : [],
  };
}

/** Tests a rule without a fix: it has exactly the findings that the comments in the cases announce. */
export function checkCases(name: string, invalid: readonly LintCase[], valid: readonly LintCase[]): void {
  new RuleTester().run(name, plugin.rules[name] as Rule.RuleModule, {
    valid: valid.map(ruleTesterCaseOf),
    invalid: invalid.map((lintCase) => ({
      ...ruleTesterCaseOf(lintCase),
      errors: expectedFindingsIn(lintCase.code),
    })),
  });

  test('invalid cases announce findings, valid cases announce none, and there are enough of both', () => {
    expect(invalid.filter(({ code }) => expectedFindingsIn(code).length === 0)).toEqual([]);
    expect(valid.filter(({ code }) => expectedFindingsIn(code).length > 0)).toEqual([]);
    expect(invalid.length).toBeGreaterThanOrEqual(15);
    expect(valid.length).toBeGreaterThanOrEqual(20);
  });
}
