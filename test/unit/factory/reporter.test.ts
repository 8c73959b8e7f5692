import { describe, expect, test, vi } from 'vitest';
import { turn } from '../../support/unit/fake-clock.js';
import { facts } from '../../support/unit/ledger/fake-handle.js';
import { connectionIn, createBench } from '../../support/unit/factory/reporter-harness.js';

describe('a state change', () => {
  test.each(['connecting', 'connected', 'ready', 'reconnecting'] as const)(
    'to %s emits the event of that name',
    (state) => {
      const { reporter, listen } = createBench();
      const listener = listen(state);
      const info = connectionIn(state);
      reporter.onMove(info, 'connecting');
      expect(listener.mock.calls).toEqual([[{ at: 7_000, connection: info, from: 'connecting' }]]);
    },
  );

  test('to closed has the reason in its event', () => {
    const { reporter, listen } = createBench();
    const listener = listen('closed');
    const info = connectionIn('closed');
    reporter.onMove(info, 'ready', 'shutdown');
    expect(listener.mock.calls).toEqual([
      [{ at: 7_000, connection: info, from: 'ready', reason: 'shutdown' }],
    ]);
  });

  test('to closed without a reason counts as closed by the application', () => {
    const { reporter, listen } = createBench();
    const listener = listen('closed');
    reporter.onMove(connectionIn('closed'), 'ready');
    expect(listener).toHaveBeenCalledWith(expect.objectContaining({ reason: 'application' }));
  });
});

describe('an override', () => {
  const override = { option: 'keepAlive', given: 0, used: 15_000, why: 'reason' };

  test('emits policy, also to listeners that are added later in the same tick', async () => {
    const { reporter, listen } = createBench();
    reporter.onOverride(override);
    const listener = listen('policy');
    expect(listener).not.toHaveBeenCalled();
    await turn();
    expect(listener.mock.calls).toEqual([[{ at: 5_000, ...override }]]);
  });

  test('is reported once, however many connections it concerns', async () => {
    const { reporter, listen } = createBench();
    const listener = listen('policy');
    reporter.onOverride(override);
    reporter.onOverride({ ...override });
    await turn();
    reporter.onOverride(override);
    await turn();
    expect(listener).toHaveBeenCalledOnce();
  });

  test.each([{ option: 'connectTimeout' }, { given: 5 }, { used: 30_000 }])(
    'is reported separately if it differs in %j',
    async (other) => {
      const { reporter, listen } = createBench();
      const listener = listen('policy');
      reporter.onOverride(override);
      reporter.onOverride({ ...override, ...other });
      await turn();
      expect(listener).toHaveBeenCalledTimes(2);
    },
  );
});

test('at most 1000 different overrides are reported, so that they do not fill the memory', async () => {
  const { reporter, listen } = createBench();
  const listener = listen('policy');
  for (let given = 0; given < 1_005; given += 1) {
    reporter.onOverride({ option: 'keepAlive', given, used: 15_000, why: 'reason' });
  }
  await turn();
  expect(listener).toHaveBeenCalledTimes(1_000);
});

test('findings of health checks are emitted with the connection and its age, even if listeners throw', () => {
  const nextTick = vi.spyOn(process, 'nextTick').mockReturnValue();
  const { reporter, listen } = createBench();
  const listeners = (['stale', 'stalled', 'recovered', 'orphan'] as const).map(listen);
  for (const listener of listeners) listener.mockImplementation(() => expect.unreachable());
  const info = { ...connectionIn('ready'), openedAt: 4_000 };
  const place = { runId: 'run-1', clientId: 7, address: 'h:1', orphanedMs: 3 };
  const orphan = { ...facts, outcome: 'gone', why: '', ...place } as const;
  reporter.onStale(info, 'kernel', 19_500);
  reporter.onStalled(info, 18_000);
  reporter.onRecovered(info, 700);
  reporter.onOrphan(orphan);
  expect(listeners.map(({ mock }) => mock.calls)).toEqual([
    [[{ at: 5_000, ageMs: 1_000, connection: info, cause: 'kernel', silentMs: 19_500 }]],
    [[{ at: 5_000, ageMs: 1_000, connection: info, silentMs: 18_000 }]],
    [[{ at: 5_000, ageMs: 1_000, connection: info, stalledMs: 700 }]],
    [[{ at: 5_000, ...orphan }]],
  ]);
  expect(info).toMatchObject({ name: facts.name, role: facts.role, target: facts.target });
  expect(nextTick).toHaveBeenCalledTimes(4);
  nextTick.mockRestore();
});
