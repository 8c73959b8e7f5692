import { expect, test, vi } from 'vitest';
import { tryOrWarn as tryInProcess } from '../../../src/register/warnings.js';

test('a task that fails is reported once, and returns undefined', () => {
  const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const fail = () => tryInProcess('parse this', () => JSON.parse('{') as unknown);
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
  expect(tryInProcess('parse that', () => JSON.parse('{') as unknown)).toBeUndefined();
  expect(emit).toHaveBeenCalledOnce();
  emit.mockRestore();
});

test('each reason of a task is reported, up to a hundred', async () => {
  // A module of its own: other tests of this process warn too, and would find the limit reached.
  vi.resetModules();
  const { tryOrWarn } = await import('../../../src/register/warnings.js');
  const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const failFor = (reason: string) =>
    tryOrWarn('enforce a client', () => {
      throw new Error(reason);
    });
  ['one', 'two', 'one'].forEach(failFor);
  expect(emit.mock.calls.map(([message]) => message)).toEqual([
    'Could not enforce a client: one',
    'Could not enforce a client: two',
  ]);
  Array.from({ length: 200 }, (_, number) => `number ${number}`).forEach(failFor);
  expect(emit.mock.calls.length).toBeLessThanOrEqual(100);
  emit.mockRestore();
});
