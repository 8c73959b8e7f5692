import { beforeEach, expect, test } from 'vitest';
import { isSwitchedOff, readWord, readWords } from '../../../src/core/variables.js';

let warnings: string[];
const warn = (message: string) => void warnings.push(message);

beforeEach(() => void (warnings = []));

test('a variable takes one of some words', () => {
  expect(readWord({ A: 'Refuse ' }, 'A', ['warn', 'refuse'], warn)).toBe('refuse');
  expect(readWord({}, 'A', ['warn', 'refuse'], warn)).toBeUndefined();
  expect(warnings).toEqual([]);
  expect(readWord({ A: 'stop' }, 'A', ['warn', 'refuse'], warn)).toBeUndefined();
  expect(warnings).toEqual(['A is "stop", expected warn or refuse. It is ignored.']);
});

test('a variable takes several words', () => {
  expect(readWords({ B: 'sigusr2, exit,never' }, 'B', ['exit', 'SIGUSR2'], warn)).toEqual([
    'exit',
    'SIGUSR2',
  ]);
  expect(readWords({}, 'B', ['exit'], warn)).toEqual([]);
  expect(warnings).toEqual(['B contains "never", expected one or more of exit, SIGUSR2. It is ignored.']);
});

test.each([
  ['off', true],
  ['OFF ', true],
  ['on', false],
  ['', false],
  ['no', false],
])('REDIS_HYGIENE=%s switches off: %s', (REDIS_HYGIENE, isOff) => {
  expect(isSwitchedOff({ REDIS_HYGIENE }, warn)).toBe(isOff);
});
