import { expect, test } from 'vitest';
import {
  confirm,
  createDesiredSubscriptions,
  fail,
  namesOf,
  type DesiredSubscription,
  whenConfirmed,
} from '../../../src/subscriber/desired-subscriptions.js';
import { stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';

const names = (wants: readonly DesiredSubscription[]) => wants.map(({ kind, name }) => `${kind} ${name}`);

test('a name is counted, not doubled', () => {
  const wants = createDesiredSubscriptions();
  expect(names(wants.add('channel', ['a', 'b', 'a']))).toEqual(['channel a', 'channel b']);
  expect(wants.add('channel', ['a'])).toEqual([]);
  expect(wants.get('channel', 'a')?.count).toBe(3);
  expect(names(wants.remove('channel', ['a', 'b']))).toEqual(['channel b']);
  expect(wants.remove('channel', ['a'])).toEqual([]);
  expect(names(wants.remove('channel', ['a']))).toEqual(['channel a']);
  expect(wants.all()).toEqual([]);
});

test('given back twice in one call, it is counted twice and left once', () => {
  const wants = createDesiredSubscriptions();
  wants.add('channel', ['a', 'a']);
  expect(names(wants.remove('channel', ['a', 'a', 'a']))).toEqual(['channel a']);
  expect(wants.get('channel', 'a')).toBeUndefined();
});

test('what nobody wants is not given back', () => {
  const wants = createDesiredSubscriptions();
  expect(wants.remove('channel', ['a'])).toEqual([]);
  expect(names(wants.add('channel', ['a']))).toEqual(['channel a']);
});

test('kinds do not meet', () => {
  const wants = createDesiredSubscriptions();
  wants.add('channel', ['a']);
  wants.add('pattern', ['a']);
  wants.add('shard', ['a', 's']);
  expect(namesOf(wants.all())).toEqual({ channels: ['a'], patterns: ['a'], shardChannels: ['a', 's'] });
  expect(names(wants.remove('pattern', ['a']))).toEqual(['pattern a']);
  expect(wants.get('pattern', 'a')).toBeUndefined();
  expect(wants.get('channel', 'a')).toMatchObject({ kind: 'channel', name: 'a', count: 1 });
});

function oneWant(): { wants: ReturnType<typeof createDesiredSubscriptions>; want: DesiredSubscription } {
  const wants = createDesiredSubscriptions();
  return { wants, want: wants.add('channel', ['a'])[0] as DesiredSubscription };
}

test('who waits hears of the confirmation, and of one that was before', async () => {
  const { want } = oneWant();
  const [one, other] = [whenConfirmed(want), whenConfirmed(want)];
  expect(await stateOf(one)).toBe('pending');
  confirm(want);
  expect([await stateOf(one), await stateOf(other)]).toEqual(['resolved', 'resolved']);
  expect(await stateOf(whenConfirmed(want))).toBe('resolved');
  expect(want).toMatchObject({ isConfirmed: true, wasConfirmed: true });
});

test('a confirmation ends a row of refusals', () => {
  const { want } = oneWant();
  Object.assign(want, { refusals: 3, refusedAt: 5 });
  confirm(want);
  expect(want).toMatchObject({ refusals: 0, refusedAt: undefined });
});

test('who waits hears of a failure, once', async () => {
  const { want } = oneWant();
  const waiting = whenConfirmed(want);
  fail(want, new Error('no'));
  expect(await stateOf(waiting)).toBe('Error: no');
  expect(want.waiters).toEqual([]);
  expect(await stateOf(whenConfirmed(want))).toBe('pending');
});

test('who waits for what nobody wants any more waits no longer', async () => {
  const { wants, want } = oneWant();
  wants.add('channel', ['a']);
  const waiting = whenConfirmed(want);
  wants.remove('channel', ['a']);
  expect(await stateOf(waiting)).toBe('pending');
  wants.remove('channel', ['a']);
  expect(await stateOf(waiting)).toBe('resolved');
});
