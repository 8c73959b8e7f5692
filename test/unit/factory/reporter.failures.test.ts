import { describe, expect, test } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import { turn } from '../../support/unit/fake-clock.js';
import { facts } from '../../support/unit/ledger/fake-handle.js';
import { connectionIn, createBench } from '../../support/unit/factory/reporter-harness.js';

describe('a failure', () => {
  const refused = (target: string): HygieneError =>
    new HygieneError('HYG_NAME_REFUSED', 'The name was refused.', { details: { target } });

  test('emits error, also to listeners that are added later in the same tick', async () => {
    const { reporter, listen } = createBench();
    const error = new HygieneError('HYG_CONNECT_FAILED', 'It failed.');
    reporter.onFailure(error);
    const listener = listen('error');
    await turn();
    expect(listener.mock.calls).toEqual([[error]]);
  });

  test('is reported each time', async () => {
    const { reporter, listen } = createBench();
    const listener = listen('error');
    const error = new HygieneError('HYG_CONNECT_FAILED', 'It failed.', {
      details: { target: 'redis://a:1' },
    });
    [error, error].forEach((each) => reporter.onFailure(each));
    await turn();
    expect(listener).toHaveBeenCalledTimes(2);
  });

  test('of a sentinel is reported once for each sentinel and code, until the sentinel is ready', async () => {
    const { reporter, listen } = createBench();
    const listener = listen('error');
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
    reporter.onMove(connectionIn('ready'), 'connected');
    fail('HYG_CONNECT_FAILED');
    fail('HYG_CONNECT_FAILED', 'redis://b:1');
    fail('HYG_AUTH_REFUSED');
    await turn();
    expect(listener).toHaveBeenCalledTimes(7);
  });

  test('to set a name is reported once for each server', async () => {
    const { reporter, listen } = createBench();
    const listener = listen('error');
    for (const target of ['redis://a:1', 'redis://b:1', 'redis://a:1']) reporter.onFailure(refused(target));
    await turn();
    expect(listener.mock.calls.map(([error]) => error.details['target'])).toEqual([
      'redis://a:1',
      'redis://b:1',
    ]);
  });

  test('to set a name is reported even after 1000 overrides', async () => {
    const { reporter, listen } = createBench();
    const listener = listen('error');
    for (let given = 0; given < 1_000; given += 1) {
      reporter.onOverride({ option: 'connectionName', given, used: 'orders@web-1', why: 'reason' });
    }
    reporter.onFailure(refused('redis://a:1'));
    await turn();
    expect(listener).toHaveBeenCalledOnce();
  });

  test('is reported by each factory separately', async () => {
    const [one, other] = [createBench(), createBench()];
    const listeners = [one.listen('error'), other.listen('error')];
    [one, other].forEach(({ reporter }) => reporter.onFailure(refused('redis://a:1')));
    await turn();
    expect(listeners.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  test('because of a full budget is reported at most once a second, with the latest error', async () => {
    const { reporter, listen, clock } = createBench();
    const listener = listen('error');
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
