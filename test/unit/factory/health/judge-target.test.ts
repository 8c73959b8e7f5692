import { expect, test, vi } from 'vitest';
import {
  type AskTarget,
  judgeSentinel,
  judgeServer,
  type OpenedTarget,
} from '../../../../src/factory/health/judge-target.js';
import type { OpenedConnection } from '../../../../src/factory/health/opened.js';
import { facts, quiet } from '../../../support/unit/ledger/fake-handle.js';

const { name, role, target } = facts;

function connection(given: Partial<OpenedConnection> = {}, health = {}): OpenedConnection {
  return {
    ...{ name, role, target, state: 'ready', since: 1, dials: 1, failure: undefined },
    health: { ...quiet, ...health },
    ping: () => undefined,
    ...given,
  };
}

const never: AskTarget = () => expect.unreachable('A server that was heard recently is asked.');
const lost = { name, role, target, user: 'application', since: 1, count: 2, failure: undefined } as const;

async function judge(
  connections: readonly OpenedConnection[],
  ask = never,
  more: Partial<OpenedTarget> = {},
): Promise<string[]> {
  const opened = { target, connections, lostClients: [], poolReasons: [], ...more };
  const { status, reasons } = await judgeServer(opened, ask);
  return [status, ...reasons.map(({ code }) => code)];
}

const stale = { isFresh: false, silentMs: 60_000 };
const refused = { databaseRefusal: new Error('ERR DB index is out of range') };
const stalled = { isFresh: false, isStalled: true, silentMs: 60_000 };

test.each([
  ['a fresh connection', [connection()], ['up']],
  ['a first dial beside a ready connection', [connection(), connection({ state: 'connecting' })], ['up']],
  ['a library’s client that is connected', [connection({ state: 'connected' }, { user: 'library' })], ['up']],
  ['a first dial alone', [connection({ state: 'connecting' })], ['down', 'not-ready']],
  ['a handshake alone', [connection({ state: 'connected' })], ['down', 'not-ready']],
  ['a redial', [connection(), connection({ state: 'connecting', dials: 2 })], ['degraded', 'reconnecting']],
  ['a delay', [connection(), connection({ state: 'reconnecting' })], ['degraded', 'reconnecting']],
  ['a refused database', [connection({}, refused)], ['down', 'not-ready', 'database-refused']],
  [
    'a refused database beside a connection with its own',
    [connection(), connection({ dials: 2 }, refused)],
    ['degraded', 'database-refused'],
  ],
  ['a stalled one beside a fresh one', [connection(), connection({}, stalled)], ['degraded', 'stalled']],
  [
    'a full server beside a ready connection',
    [connection(), connection({ state: 'connecting' }, { isServerFull: true })],
    ['degraded', 'saturated'],
  ],
  [
    'a full server that has refused a first dial, beside a ready connection',
    [connection(), connection({ state: 'reconnecting' }, { isServerFull: true })],
    ['degraded', 'saturated'],
  ],
  [
    'a full server alone',
    [connection({ state: 'connecting' }, { isServerFull: true })],
    ['down', 'not-ready', 'saturated'],
  ],
] as const)('%s', async (_what, connections, expected) => {
  expect(await judge(connections)).toEqual(expected);
});

test('a server that was not heard is asked once, over the connections that are ready', async () => {
  const ask = vi.fn<AskTarget>(() => Promise.resolve('answered'));
  const [ready, waiting] = [connection({}, stale), connection({ state: 'reconnecting' }, stale)];
  expect(await judge([ready, waiting], ask)).toEqual(['degraded', 'reconnecting']);
  expect(ask.mock.calls).toEqual([[target, [ready]]]);
});

test.each([
  ['unanswered', stale, ['down', 'no-answer']],
  ['cannot-ask', stale, ['up', 'unverified']],
  ['cannot-ask', stalled, ['down', 'no-answer', 'stalled']],
] as const)('a PING that is %s', async (result, health, expected) => {
  expect(await judge([connection({}, health)], () => Promise.resolve(result))).toEqual(expected);
});

test('a lost client is down alone, and degrades others', async () => {
  expect(await judge([], never, { lostClients: [lost] })).toEqual(['down', 'not-ready', 'gave-up']);
  expect(await judge([connection()], never, { lostClients: [lost] })).toEqual(['degraded', 'gave-up']);
});

test('a message names few connections, and counts all', async () => {
  const connections = ['a', 'a', 'b', 'c', 'd', 'e'].map((each) =>
    connection({ name: each, state: 'connecting' }),
  );
  const { reasons } = await judgeServer({ target, connections, lostClients: [], poolReasons: [] }, never);
  expect(reasons).toMatchObject([
    { message: 'No connection is ready: a (2), b, c, and 2 others.', count: 6 },
  ]);
});

test('a sentinel only degrades, and not while it is dialled for the first time', () => {
  const statusOf = (given: Partial<OpenedConnection>, health = {}) =>
    judgeSentinel(target, [connection(given, health)]).status;
  expect(statusOf({})).toBe('up');
  expect(statusOf({ state: 'connecting' })).toBe('up');
  expect(statusOf({ state: 'reconnecting' })).toBe('degraded');
  expect(statusOf({}, stalled)).toBe('degraded');
});
