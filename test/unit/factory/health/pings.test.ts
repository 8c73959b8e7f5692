import { expect, test, vi } from 'vitest';
import type { OpenedConnection } from '../../../../src/factory/health/opened.js';
import { createPings } from '../../../../src/factory/health/pings.js';
import { createFakeClock } from '../../../support/unit/fake-clock.js';
import { facts, quiet } from '../../../support/unit/ledger/fake-handle.js';

/** A connection whose PING is answered when the test says so. `undefined` if it cannot be asked. */
function connectionWith(ping: OpenedConnection['ping'], health = {}): OpenedConnection {
  const { name, role, target } = facts;
  return {
    ...{ name, role, target, state: 'ready', since: 1, dials: 1, failure: undefined },
    health: { ...quiet, isFresh: false, ...health },
    ping,
  };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('callers of one server share a PING for as long as it is not answered, each with its own timeout', async () => {
  const clock = createFakeClock();
  const pings = createPings(clock);
  let answer: (reply: unknown) => void = () => undefined;
  const ping = vi.fn(() => new Promise<unknown>((resolve) => (answer = resolve)));
  const connections = [connectionWith(ping)];
  const early = pings.ask('a', connections, 100);
  const late = pings.ask('a', connections, 1_000);
  await clock.advance(100);
  expect(await early).toBe('unanswered');
  const later = pings.ask('a', connections, 1_000);
  answer('PONG');
  expect(await Promise.all([late, later])).toEqual(['answered', 'answered']);
  expect(ping).toHaveBeenCalledTimes(1);
  void pings.ask('a', connections, 1);
  expect(ping).toHaveBeenCalledTimes(2);
});

test('an error reply is an answer, and a lost connection is none', async () => {
  const pings = createPings(createFakeClock());
  const refusal = Object.assign(new Error('NOPERM'), { name: 'ReplyError' });
  const ask = (key: string, error: Error) =>
    pings.ask(key, [connectionWith(() => Promise.reject(error))], 100);
  expect(await ask('a', refusal)).toBe('answered');
  expect(await ask('b', new Error('Connection is closed.'))).toBe('unanswered');
});

test('a connection that cannot be asked is passed over, and a stalled one comes last', async () => {
  const pings = createPings(createFakeClock());
  const stalled = vi.fn(() => Promise.resolve('PONG'));
  const blocked = vi.fn(() => undefined);
  const silent = vi.fn(() => Promise.resolve('PONG'));
  const connections = [
    connectionWith(stalled, { isStalled: true, silentMs: 1 }),
    connectionWith(blocked, { silentMs: 1 }),
    connectionWith(silent, { silentMs: 60_000 }),
  ];
  expect(await pings.ask('a', connections, 100)).toBe('answered');
  expect([stalled, blocked, silent].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 1]);
  expect(await pings.ask('b', [connectionWith(blocked)], 100)).toBe('cannot-ask');
});

test('an answer that waited unread while the process was blocked counts', async () => {
  const clock = createFakeClock();
  const pings = createPings(clock);
  let answer: (reply: unknown) => void = () => undefined;
  const result = pings.ask('a', [connectionWith(() => new Promise((resolve) => (answer = resolve)))], 100);
  const advanced = clock.advance(100);
  setImmediate(() => undefined);
  answer('PONG'); // read in the same turn of the event loop, after the timers
  await advanced;
  await nextTurn();
  expect(await result).toBe('answered');
});
