import { afterEach, describe, expect, test, vi } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import { publish } from '../../../src/core/emitter.js';
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

describe('publish', () => {
  test('tells every listener of the event, and no other', () => {
    const events = createEvents();
    const [one, two, other] = [vi.fn(), vi.fn(), vi.fn()];
    events.on('shutdown', one).on('shutdown', two).on('error', other);
    publish(events, 'shutdown', report);
    expect([one.mock.calls, two.mock.calls, other.mock.calls]).toEqual([[[report]], [[report]], []]);
  });

  test('does not throw for an error that nobody listens for', () => {
    const nextTick = vi.spyOn(process, 'nextTick').mockReturnValue();
    expect(() => publish(createEvents(), 'error', new HygieneError('HYG_SHUT_DOWN', 'x'))).not.toThrow();
    expect(nextTick).not.toHaveBeenCalled();
  });

  test('goes on where a listener throws, whose error surfaces in the next tick as uncaught', () => {
    const nextTick = vi.spyOn(process, 'nextTick').mockReturnValue();
    const events = createEvents();
    const failure = new Error('a defect of the listener');
    events.on('shutdown', () => {
      throw failure;
    });
    expect(() => publish(events, 'shutdown', report)).not.toThrow();
    expect(nextTick).toHaveBeenCalledOnce();
    const [surface] = nextTick.mock.calls[0] ?? [];
    expect(surface).toThrow(failure);
  });
});
