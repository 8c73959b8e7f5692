import { describe, expect, test, vi } from 'vitest';
import { HygieneError } from '../../src/core/errors.js';
import { createEvents, type Events, type HygieneEvents } from '../../src/events.js';
import { createLedger, type ConnectionInfo } from '../../src/ledger/ledger.js';
import type { StateKind } from '../../src/ledger/state.js';
import { createReporter, type Reporter } from '../../src/reporter.js';
import { createFakeClock, turn } from './fake-clock.js';
import { createFakeHandle, facts } from './ledger/fake-handle.js';

interface Bench {
  readonly reporter: Reporter;
  readonly events: Events;
  readonly heard: <Name extends keyof HygieneEvents>(
    name: Name,
  ) => ReturnType<typeof vi.fn<(...payload: HygieneEvents[Name]) => void>>;
}

function bench(): Bench {
  const events = createEvents();
  return {
    events,
    reporter: createReporter(events, createFakeClock({ startMs: 5_000 })),
    heard(name) {
      const listener = vi.fn();
      events.on(name, listener);
      return listener;
    },
  };
}

function connection(state: StateKind): ConnectionInfo {
  const ledger = createLedger({ clock: createFakeClock({ startMs: 7_000 }), onMove: () => undefined });
  return { ...ledger.open(facts, createFakeHandle()).info(), state };
}

describe('a move', () => {
  test.each(['dialling', 'connected', 'ready', 'waiting'] as const)(
    'to %s is the event of that name',
    (state) => {
      const { reporter, heard } = bench();
      const listener = heard(state);
      const info = connection(state);
      reporter.onMove(info, 'dialling');
      expect(listener.mock.calls).toEqual([[{ at: 7_000, connection: info, from: 'dialling' }]]);
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
});
