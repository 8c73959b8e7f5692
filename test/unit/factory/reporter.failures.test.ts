import { describe, expect, test } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import { turn } from '../../support/unit/fake-clock.js';
import { facts } from '../../support/unit/ledger/fake-handle.js';
import { bench, connection } from '../../support/unit/factory/reporter-harness.js';

describe('a failure', () => {
  const refused = (target: string): HygieneError =>
    new HygieneError('HYG_NAME_REFUSED', 'The name was refused.', { details: { target } });

  test('is the event error, also for listeners that are added later in this tick', async () => {
    const { reporter, heard } = bench();
    const error = new HygieneError('HYG_CONNECT_FAILED', 'It failed.');
    reporter.onFailure(error);
    const listener = heard('error');
    await turn();
    expect(listener.mock.calls).toEqual([[error]]);
  });

  test('is told each time', async () => {
    const { reporter, heard } = bench();
    const listener = heard('error');
    const error = new HygieneError('HYG_CONNECT_FAILED', 'It failed.', {
      details: { target: 'redis://a:1' },
    });
    [error, error].forEach((each) => reporter.onFailure(each));
    await turn();
    expect(listener).toHaveBeenCalledTimes(2);
  });

  test('of a sentinel to let us in is told once for each of them and code, until it does', async () => {
    const { reporter, heard } = bench();
    const listener = heard('error');
    const fail = (code: 'HYG_CONNECT_FAILED' | 'HYG_AUTH_REFUSED' | 'HYG_STALLED', target = facts.target) =>
      reporter.onFailure(new HygieneError(code, 'It failed.', { details: { target, role: 'sentinel' } }));
    fail('HYG_CONNECT_FAILED');
    fail('HYG_CONNECT_FAILED');
    fail('HYG_CONNECT_FAILED', 'redis://b:1');
    fail('HYG_AUTH_REFUSED');
    fail('HYG_AUTH_REFUSED');
    fail('HYG_STALLED');
    fail('HYG_STALLED');
    await turn();
    expect(listener).toHaveBeenCalledTimes(5);
    reporter.onMove(connection('ready'), 'connected');
    fail('HYG_CONNECT_FAILED');
    fail('HYG_CONNECT_FAILED', 'redis://b:1');
    fail('HYG_AUTH_REFUSED');
    await turn();
    expect(listener).toHaveBeenCalledTimes(7);
  });

  test('to take a name is told once for each server', async () => {
    const { reporter, heard } = bench();
    const listener = heard('error');
    for (const target of ['redis://a:1', 'redis://b:1', 'redis://a:1']) reporter.onFailure(refused(target));
    await turn();
    expect(listener.mock.calls.map(([error]) => error.details['target'])).toEqual([
      'redis://a:1',
      'redis://b:1',
    ]);
  });

  test('to take a name is told also where a thousand overrides were told before', async () => {
    const { reporter, heard } = bench();
    const listener = heard('error');
    for (let given = 0; given < 1_000; given += 1) {
      reporter.onOverride({ option: 'connectionName', given, used: 'orders@web-1', why: 'because' });
    }
    reporter.onFailure(refused('redis://a:1'));
    await turn();
    expect(listener).toHaveBeenCalledOnce();
  });

  test('is told by each factory for itself', async () => {
    const [one, other] = [bench(), bench()];
    const listeners = [one.heard('error'), other.heard('error')];
    [one, other].forEach(({ reporter }) => reporter.onFailure(refused('redis://a:1')));
    await turn();
    expect(listeners.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  test('to find a place in the budget is told once in a second, the last one after it', async () => {
    const { reporter, heard, clock } = bench();
    const listener = heard('error');
    const refusals = [1, 2, 3].map(
      (refused) => new HygieneError('HYG_LIMIT_CONNECTIONS', 'It is full.', { details: { refused } }),
    );
    refusals.forEach((refusal) => reporter.onFailure(refusal));
    await turn();
    expect(listener.mock.calls).toEqual([[refusals[0]]]);
    await clock.advance(999);
    expect(listener).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    expect(listener.mock.calls).toEqual([[refusals[0]], [refusals[2]]]);
  });
});
