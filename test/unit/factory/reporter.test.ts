import { describe, expect, test, vi } from 'vitest';
import { turn } from '../../support/unit/fake-clock.js';
import { facts } from '../../support/unit/ledger/fake-handle.js';
import { bench, connection } from '../../support/unit/factory/reporter-harness.js';

describe('a move', () => {
  test.each(['connecting', 'connected', 'ready', 'reconnecting'] as const)(
    'to %s is the event of that name',
    (state) => {
      const { reporter, heard } = bench();
      const listener = heard(state);
      const info = connection(state);
      reporter.onMove(info, 'connecting');
      expect(listener.mock.calls).toEqual([[{ at: 7_000, connection: info, from: 'connecting' }]]);
    },
  );

  test('to closed tells the reason too', () => {
    const { reporter, heard } = bench();
    const listener = heard('closed');
    const info = connection('closed');
    reporter.onMove(info, 'ready', 'shutdown');
    expect(listener.mock.calls).toEqual([
      [{ at: 7_000, connection: info, from: 'ready', reason: 'shutdown' }],
    ]);
  });

  test('to closed without a reason was the application’s', () => {
    const { reporter, heard } = bench();
    const listener = heard('closed');
    reporter.onMove(connection('closed'), 'ready');
    expect(listener).toHaveBeenCalledWith(expect.objectContaining({ reason: 'application' }));
  });
});

describe('an override', () => {
  const override = { option: 'keepAlive', given: 0, used: 15_000, why: 'because' };

  test('is the event policy, also for listeners that are added later in this tick', async () => {
    const { reporter, heard } = bench();
    reporter.onOverride(override);
    const listener = heard('policy');
    expect(listener).not.toHaveBeenCalled();
    await turn();
    expect(listener.mock.calls).toEqual([[{ at: 5_000, ...override }]]);
  });

  test('is told once, however many connections it meets', async () => {
    const { reporter, heard } = bench();
    const listener = heard('policy');
    reporter.onOverride(override);
    reporter.onOverride({ ...override });
    await turn();
    reporter.onOverride(override);
    await turn();
    expect(listener).toHaveBeenCalledOnce();
  });

  test.each([{ option: 'connectTimeout' }, { given: 5 }, { used: 30_000 }])(
    'is another one where %j differs',
    async (other) => {
      const { reporter, heard } = bench();
      const listener = heard('policy');
      reporter.onOverride(override);
      reporter.onOverride({ ...override, ...other });
      await turn();
      expect(listener).toHaveBeenCalledTimes(2);
    },
  );
});

test('a thousand different overrides are told, and no more: what is told must not fill the memory', async () => {
  const { reporter, heard } = bench();
  const listener = heard('policy');
  for (let given = 0; given < 1_005; given += 1) {
    reporter.onOverride({ option: 'keepAlive', given, used: 15_000, why: 'because' });
  }
  await turn();
  expect(listener).toHaveBeenCalledTimes(1_000);
});

test('a life sign is an event with the connection and its ages, and all are told although a listener throws', () => {
  const nextTick = vi.spyOn(process, 'nextTick').mockReturnValue();
  const { reporter, heard } = bench();
  const failing = (['stale', 'stalled', 'recovered', 'orphan'] as const).map(heard);
  for (const listener of failing) listener.mockImplementation(() => expect.unreachable());
  const info = { ...connection('ready'), openedAt: 4_000 };
  const orphan = { ...facts, outcome: 'gone', why: '', clientId: 7, address: 'h:1', orphanedMs: 3 } as const;
  reporter.onStale(info, 'kernel', 19_500);
  reporter.onStalled(info, 18_000);
  reporter.onRecovered(info, 700);
  reporter.onOrphan(orphan);
  expect(failing.map(({ mock }) => mock.calls)).toEqual([
    [[{ at: 5_000, ageMs: 1_000, connection: info, found: 'kernel', silentMs: 19_500 }]],
    [[{ at: 5_000, ageMs: 1_000, connection: info, silentMs: 18_000 }]],
    [[{ at: 5_000, ageMs: 1_000, connection: info, stalledMs: 700 }]],
    [[{ at: 5_000, ...orphan }]],
  ]);
  expect(info).toMatchObject({ name: facts.name, role: facts.role, target: facts.target });
  expect(nextTick).toHaveBeenCalledTimes(4);
  nextTick.mockRestore();
});
