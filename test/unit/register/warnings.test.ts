import { expect, test, vi } from 'vitest';
import { tryOrWarn } from '../../../src/register/warnings.js';

test('a task that fails is reported once, and returns undefined', () => {
  const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const fail = () => tryOrWarn('parse this', () => JSON.parse('{') as unknown);
  expect([fail(), fail()]).toEqual([undefined, undefined]);
  expect(emit).toHaveBeenCalledOnce();
  expect(emit.mock.calls[0]).toEqual([
    expect.stringContaining('Could not parse this: '),
    { type: 'RedisHygieneWarning', code: 'HYG_PRELOAD_FAILED' },
  ]);
  emit.mockRestore();
});

test('an emitWarning that throws does not stop the application', () => {
  const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {
    throw new Error('No warnings, please.');
  });
  expect(tryOrWarn('parse that', () => JSON.parse('{') as unknown)).toBeUndefined();
  expect(emit).toHaveBeenCalledOnce();
  emit.mockRestore();
});
