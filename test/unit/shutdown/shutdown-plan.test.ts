import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OpenConnection, planShutdown } from '../../../src/shutdown/shutdown-plan.js';

const ready: OpenConnection = {
  id: 1,
  name: 'orders@web-1',
  role: 'command',
  target: 'redis://h:6379',
  state: 'ready',
  pending: 0,
  isBlocked: false,
};

function planStep(given: Partial<OpenConnection>): { action: string | undefined; why: string | undefined } {
  const [step] = planShutdown([{ ...ready, ...given }], 1_000).steps;
  return { action: step?.action, why: step?.why };
}

describe('a connection is closed with QUIT', () => {
  test.each<[string, Partial<OpenConnection>]>([
    ['is ready and idle', {}],
    ['is connected, before its handshake is done', { state: 'connected' }],
    ['is a subscriber', { role: 'subscriber' }],
  ])('if it %s', (_what, given) => {
    expect(planStep(given)).toEqual({ action: 'quit', why: 'The connection is idle.' });
  });

  test('after its pending command', () => {
    expect(planStep({ pending: 1 })).toMatchObject({
      action: 'quit',
      why: 'The server answers the pending commands (1) before QUIT.',
    });
  });

  test.each<[string, Partial<OpenConnection>]>([
    ['it has pending commands', { pending: 3 }],
    ['commands wait for the dial', { state: 'connecting', pending: 3 }],
  ])('after its pending commands if %s', (_what, given) => {
    expect(planStep(given)).toEqual({
      action: 'quit',
      why: 'The server answers the pending commands (3) before QUIT.',
    });
  });
});

describe('a connection is destroyed at once', () => {
  test.each<[RegExp, Partial<OpenConnection>]>([
    [/no socket/, { state: 'reconnecting' }],
    [/no socket/, { state: 'reconnecting', pending: 5, isBlocked: true, role: 'monitor' }],
    [/no command waits/, { state: 'connecting' }],
    [/blocking command/, { isBlocked: true, pending: 1 }],
    [/blocking command/, { isBlocked: true, pending: 1, role: 'monitor' }],
    [/MONITOR/, { role: 'monitor' }],
    [/MONITOR/, { role: 'monitor', pending: 1 }],
  ])('with the reason %s for %j', (why, given) => {
    expect(planStep(given)).toEqual({ action: 'destroy', why: expect.stringMatching(why) as string });
  });
});

const anyConnection: fc.Arbitrary<OpenConnection> = fc.record({
  id: fc.nat(),
  name: fc.string(),
  role: fc.constantFrom('command', 'monitor', 'pool'),
  target: fc.string(),
  state: fc.constantFrom('connecting', 'connected', 'ready', 'reconnecting'),
  pending: fc.nat(5),
  isBlocked: fc.boolean(),
});

describe('a plan', () => {
  test('contains every connection exactly once, in order and unchanged', () => {
    fc.assert(
      fc.property(fc.array(anyConnection), fc.integer({ min: 1, max: 300_000 }), (connections, timeoutMs) => {
        const { steps } = planShutdown(connections, timeoutMs);
        expect(steps).toHaveLength(connections.length);
        steps.forEach((planned, index) => expect(planned).toMatchObject(connections[index] ?? {}));
      }),
    );
  });

  test('reserves time to destroy connections that do not quit, but most of it is for QUIT', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300_000 }), (timeoutMs) => {
        const { quitMs } = planShutdown([], timeoutMs);
        expect(quitMs).toBeLessThan(timeoutMs);
        expect(quitMs).toBeGreaterThan(timeoutMs * 0.89);
      }),
    );
  });

  test.each([
    [100, 90],
    [1_000, 900],
    [5_000, 4_500],
    [300_000, 299_500],
  ])('of %i ms allows %i ms for QUIT, reserving a tenth, but at most 500 ms', (timeoutMs, quitMs) => {
    expect(planShutdown([], timeoutMs)).toEqual({ timeoutMs, quitMs, steps: [] });
  });

  test('is the same for the same connections, and does not change them', () => {
    const connections = Object.freeze([Object.freeze({ ...ready, pending: 2 })]);
    expect(planShutdown(connections, 1_000)).toEqual(planShutdown(connections, 1_000));
  });
});
