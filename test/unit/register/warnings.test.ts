import { expect, test, vi } from 'vitest';
import { attempt } from '../../../src/register/warnings.js';

test('what fails is told once, and gives nothing', () => {
  const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const fail = () => attempt('This', () => JSON.parse('{') as unknown);
  expect([fail(), fail()]).toEqual([undefined, undefined]);
  expect(emit).toHaveBeenCalledOnce();
  expect(emit.mock.calls[0]).toEqual([
    expect.stringContaining('This is left as it is: '),
    { type: 'RedisHygieneWarning', code: 'HYG_PRELOAD_FAILED' },
  ]);
  emit.mockRestore();
});

test('an application whose warnings throw goes on', () => {
  const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {
    throw new Error('No warnings, please.');
  });
  expect(attempt('That', () => JSON.parse('{') as unknown)).toBeUndefined();
  expect(emit).toHaveBeenCalledOnce();
  emit.mockRestore();
});
