import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createRecentFailures } from '../../../src/factory/recent-failures.js';
import type { ConnectionInfo, StateKind } from '../../../src/ledger/connection.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';
import { facts } from '../../support/unit/ledger/fake-handle.js';

const moved = (state: StateKind, given = {}) => ({ ...facts, state, ...given }) as ConnectionInfo;
/** Clients that stay in memory until the tests have ended. */
const clients: object[] = [];
function client(): object {
  return clients[clients.push({}) - 1] as object;
}

const failure = new Error('connect ECONNREFUSED');

test('the last failure of a name and target is remembered until one of them is ready', () => {
  const failures = createRecentFailures(createFakeClock());
  failures.onConnectionFailed(facts, new Error('an earlier one'));
  failures.onConnectionFailed(facts, failure);
  expect([failures.lastOf(facts), failures.lastOfName(facts.name)]).toEqual([failure, failure]);
  failures.onMove(moved('connected'));
  failures.onMove(moved('ready', { target: 'redis://other' }));
  expect(failures.lastOf(facts)).toBe(failure);
  failures.onMove(moved('ready'));
  expect(failures.lastOf(facts)).toBeUndefined();
});

test('lost clients are counted until one of the same name is ready, a library’s until it is connected', () => {
  const clock = createFakeClock();
  const failures = createRecentFailures(clock);
  failures.onClientLost(facts, 'application', client());
  failures.onClientLost(facts, 'application', client());
  failures.onClientLost({ ...facts, name: 'queue' }, 'library', client());
  expect(failures.lostClients().map(({ name, count }) => [name, count])).toEqual([
    [facts.name, 2],
    ['queue', 1],
  ]);
  failures.onMove(moved('connected'));
  failures.onMove(moved('connected', { name: 'queue' }));
  expect(failures.lostClients().map(({ name }) => name)).toEqual([facts.name]);
  failures.onMove(moved('ready'));
  expect(failures.lostClients()).toEqual([]);
});

test('at most 1000 names and targets are remembered, the latest of them', () => {
  const failures = createRecentFailures(createFakeClock());
  for (let server = 0; server < 1_500; server += 1) {
    failures.onConnectionFailed({ ...facts, target: `redis://${server}` }, failure);
    failures.onClientLost({ ...facts, target: `redis://${server}` }, 'application', client());
  }
  expect(failures.lostClients()).toHaveLength(1_000);
  expect(failures.lastOf({ ...facts, target: 'redis://499' })).toBeUndefined();
  expect(failures.lastOf({ ...facts, target: 'redis://1499' })).toBe(failure);
});

test('a lost client that the application closes, or that nobody holds any more, is forgotten', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const failures = createRecentFailures(createFakeClock());
  const closed = client();
  failures.onClientLost(facts, 'application', closed);
  failures.onClientFound(closed);
  expect(failures.lostClients()).toEqual([]);
  const loseDropped = () => failures.onClientLost(facts, 'application', {});
  loseDropped();
  await eventually(() => {
    collectGarbage();
    expect(failures.lostClients()).toEqual([]);
  }, 20_000);
});
