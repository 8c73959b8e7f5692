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
  blocked: false,
};

function step(given: Partial<OpenConnection>): { action: string | undefined; why: string | undefined } {
  const [only] = planShutdown([{ ...ready, ...given }], 1_000).steps;
  return { action: only?.action, why: only?.why };
}

describe('a connection is asked to quit', () => {
  test.each<[string, Partial<OpenConnection>]>([
    ['is ready and idle', {}],
    ['is connected, before its handshake is done', { state: 'connected' }],
    ['is a subscriber', { role: 'subscriber' }],
  ])('where it %s', (_what, given) => {
    expect(step(given)).toEqual({ action: 'quit', why: 'It is idle.' });
  });

  test('after its one reply is in', () => {
    expect(step({ pending: 1 })).toMatchObject({
      action: 'quit',
      why: expect.stringMatching(/^1 repl/) as string,
    });
  });

  test.each<[string, Partial<OpenConnection>]>([
    ['it has replies to come', { pending: 3 }],
    ['commands wait for the dial', { state: 'connecting', pending: 3 }],
  ])('after its replies are in where %s', (_what, given) => {
    expect(step(given)).toEqual({ action: 'quit', why: '3 replies are awaited first.' });
  });
});

describe('a connection is destroyed at once', () => {
  test.each<[RegExp, Partial<OpenConnection>]>([
    [/no socket/, { state: 'reconnecting' }],
    [/no socket/, { state: 'reconnecting', pending: 5, blocked: true, role: 'monitor' }],
    [/Nobody waits/, { state: 'connecting' }],
    [/blocking command/, { blocked: true, pending: 1 }],
    [/blocking command/, { blocked: true, pending: 1, role: 'monitor' }],
    [/monitor/, { role: 'monitor' }],
    [/monitor/, { role: 'monitor', pending: 1 }],
  ])('with the reason %s for %j', (why, given) => {
    expect(step(given)).toEqual({ action: 'destroy', why: expect.stringMatching(why) as string });
  });
});

const anyConnection: fc.Arbitrary<OpenConnection> = fc.record({
  id: fc.nat(),
  name: fc.string(),
  role: fc.constantFrom('command', 'monitor', 'pool'),
  target: fc.string(),
  state: fc.constantFrom('connecting', 'connected', 'ready', 'reconnecting'),
  pending: fc.nat(5),
  blocked: fc.boolean(),
});

describe('a plan', () => {
  test('has every connection exactly once, in order and unchanged', () => {
    fc.assert(
      fc.property(fc.array(anyConnection), fc.integer({ min: 1, max: 300_000 }), (connections, timeoutMs) => {
        const { steps } = planShutdown(connections, timeoutMs);
        expect(steps).toHaveLength(connections.length);
        steps.forEach((planned, index) => expect(planned).toMatchObject(connections[index] ?? {}));
      }),
    );
  });

  test('keeps time to destroy what did not quit, and gives the quits most of it', () => {
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
  ])('of %i ms gives the quits %i ms: the rest is a tenth, at most 500 ms', (timeoutMs, quitMs) => {
    expect(planShutdown([], timeoutMs)).toEqual({ timeoutMs, quitMs, steps: [] });
  });

  test('is the same for the same connections, and leaves them as they were', () => {
    const connections = Object.freeze([Object.freeze({ ...ready, pending: 2 })]);
    expect(planShutdown(connections, 1_000)).toEqual(planShutdown(connections, 1_000));
  });
});
