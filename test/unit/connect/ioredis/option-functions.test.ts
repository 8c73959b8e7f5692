import { expect, test, vi } from 'vitest';
import {
  guardOption,
  originalOf,
  reportOptionThrew,
} from '../../../../src/connect/ioredis/option-functions.js';
import type { HygieneError } from '../../../../src/core/errors.js';

function recordFailures() {
  const failures: HygieneError[] = [];
  return { failures, onFailure: (error: HygieneError) => void failures.push(error) };
}

test('a guarded function is called as the application’s own, with its `this`, and returns its result', () => {
  const { failures, onFailure } = recordFailures();
  const given = vi.fn((times: number) => times * 2);
  const options = { strategy: guardOption<(times: number) => number>('strategy', given, () => 0, onFailure) };
  expect(options.strategy(4)).toBe(8);
  expect(given.mock.contexts).toEqual([options]);
  expect(failures).toEqual([]);
});

test('a guarded function that throws is reported once, and its fallback is called with the same arguments', () => {
  const { failures, onFailure } = recordFailures();
  const given = (times: number): number => {
    throw new Error(`boom ${times}`);
  };
  const guard = () => guardOption('strategy', given, (times) => times, onFailure);
  expect([guard()(3), guard()(5)]).toEqual([3, 5]);
  expect(failures).toMatchObject([{ code: 'HYG_OPTION_THREW', details: { option: 'strategy' } }]);
  expect(failures[0]?.message).toContain('The option `strategy` threw: boom 3.');
});

test('a function that is guarded twice is called once, with the later fallback', () => {
  const { onFailure } = recordFailures();
  const given = vi.fn((): number => {
    throw new Error('boom');
  });
  const first = guardOption<() => number>('strategy', given, () => 1, onFailure);
  expect(originalOf(first)).toBe(given);
  expect(guardOption('strategy', first, () => 2, onFailure)()).toBe(2);
  expect(given).toHaveBeenCalledOnce();
});

test('what is thrown need not be an Error', () => {
  const { failures, onFailure } = recordFailures();
  reportOptionThrew('natMap', {}, 'text', onFailure);
  expect(failures[0]?.message).toContain('The option `natMap` threw: text.');
});
