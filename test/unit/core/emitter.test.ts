import { afterEach, describe, expect, test, vi } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import { emitEvent } from '../../../src/core/emitter.js';
import { createEvents } from '../../../src/factory/events.js';
import type { ShutdownReport } from '../../../src/shutdown/shutdown-plan.js';

const report: ShutdownReport = {
  timeoutMs: 1,
  durationMs: 1,
  closed: 0,
  forced: 0,
  abandonedCommands: 0,
  connections: [],
  leases: [],
};

afterEach(() => void vi.restoreAllMocks());

describe('emitEvent', () => {
  test('calls all listeners of the event, and no others', () => {
    const events = createEvents();
    const [one, two, other] = [vi.fn(), vi.fn(), vi.fn()];
    events.on('shutdown', one).on('shutdown', two).on('error', other);
    emitEvent(events, 'shutdown', report);
    expect([one.mock.calls, two.mock.calls, other.mock.calls]).toEqual([[[report]], [[report]], []]);
  });

  test('does not throw for an error event without a listener', () => {
    const nextTick = vi.spyOn(process, 'nextTick').mockReturnValue();
    expect(() => emitEvent(createEvents(), 'error', new HygieneError('HYG_SHUT_DOWN', 'x'))).not.toThrow();
    expect(nextTick).not.toHaveBeenCalled();
  });

  test('survives a listener that throws, whose error is thrown uncaught in the next tick', () => {
    const nextTick = vi.spyOn(process, 'nextTick').mockReturnValue();
    const events = createEvents();
    const failure = new Error('a bug in the listener');
    events.on('shutdown', () => {
      throw failure;
    });
    expect(() => emitEvent(events, 'shutdown', report)).not.toThrow();
    expect(nextTick).toHaveBeenCalledOnce();
    const [surface] = nextTick.mock.calls[0] ?? [];
    expect(surface).toThrow(failure);
  });
});
