import { RuleTester, type Rule } from 'eslint';
import { describe, expect, test } from 'vitest';
import plugin from '../../../src/eslint/index.js';
import { placesIn, type Case } from './cases/case.js';
import { fileOf, LANGUAGES } from './languages.js';

RuleTester.describe = describe;
RuleTester.it = test;

function settingsOf(one: Case) {
  return {
    name: one.title,
    code: one.code,
    filename: fileOf(one),
    languageOptions: LANGUAGES[one.language],
    options: one.options ? [one.options] : [],
  };
}

/** Runs a rule that fixes nothing over its cases: what is announced in their comments is found, and no more. */
export function checkCases(name: string, invalid: readonly Case[], valid: readonly Case[]): void {
  new RuleTester().run(name, plugin.rules[name] as Rule.RuleModule, {
    valid: valid.map(settingsOf),
    invalid: invalid.map((one) => ({ ...settingsOf(one), errors: placesIn(one.code) })),
  });

  test('each case announces findings, or none', () => {
    expect(invalid.filter(({ code }) => placesIn(code).length === 0)).toEqual([]);
    expect(valid.filter(({ code }) => placesIn(code).length > 0)).toEqual([]);
    expect(invalid.length).toBeGreaterThanOrEqual(15);
    expect(valid.length).toBeGreaterThanOrEqual(20);
  });
}
