import { expect, test } from 'vitest';
import {
  createDesiredSubscriptions,
  type DesiredSubscription,
  markConfirmed,
  namesOf,
  rejectWaiters,
  whenConfirmed,
} from '../../../src/subscriber/desired-subscriptions.js';
import { stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';

const createCall = ({ isPending = true, isLoop = false } = {}) => ({ isPending, isLoop });

const labelsOf = (subscriptions: readonly DesiredSubscription[]) =>
  subscriptions.map(({ kind, name }) => `${kind} ${name}`);

test('a name is counted, not duplicated', () => {
  const desired = createDesiredSubscriptions();
  expect(labelsOf(desired.add('channel', ['a', 'b', 'a'], createCall()))).toEqual(['channel a', 'channel b']);
  expect(desired.add('channel', ['a'], createCall())).toEqual([]);
  expect(desired.get('channel', 'a')?.calls).toHaveLength(3);
  expect(labelsOf(desired.remove('channel', ['a', 'b']))).toEqual(['channel b']);
  expect(desired.remove('channel', ['a'])).toEqual([]);
  expect(labelsOf(desired.remove('channel', ['a']))).toEqual(['channel a']);
  expect(desired.all()).toEqual([]);
});

test('a name that is removed twice in one call is counted twice and returned once', () => {
  const desired = createDesiredSubscriptions();
  desired.add('channel', ['a', 'a'], createCall());
  expect(labelsOf(desired.remove('channel', ['a', 'a', 'a']))).toEqual(['channel a']);
  expect(desired.get('channel', 'a')).toBeUndefined();
});

test('a name that nobody desires is not removed', () => {
  const desired = createDesiredSubscriptions();
  expect(desired.remove('channel', ['a'])).toEqual([]);
  expect(labelsOf(desired.add('channel', ['a'], createCall()))).toEqual(['channel a']);
});

test('a call that is undone by its names is one that is pending, and never a loop', () => {
  const desired = createDesiredSubscriptions();
  const [loop, answered, pending] = [{ isLoop: true }, { isPending: false }, {}].map(createCall);
  for (const call of [loop, answered, pending]) if (call) desired.add('channel', ['a'], call);
  desired.remove('channel', ['a']);
  expect(desired.get('channel', 'a')?.calls).toEqual([loop, answered]);
  expect(desired.remove('channel', ['a'], pending)).toEqual([]);
  desired.remove('channel', ['a', 'a']);
  expect(desired.get('channel', 'a')?.calls).toEqual([loop]);
  expect(labelsOf(desired.remove('channel', ['a'], loop))).toEqual(['channel a']);
});

test('the same name of different kinds is kept apart', () => {
  const desired = createDesiredSubscriptions();
  desired.add('channel', ['a'], createCall());
  desired.add('pattern', ['a'], createCall());
  desired.add('shard', ['a', 's'], createCall());
  expect(namesOf(desired.all())).toEqual({ channels: ['a'], patterns: ['a'], shardChannels: ['a', 's'] });
  expect(labelsOf(desired.remove('pattern', ['a']))).toEqual(['pattern a']);
  expect(desired.get('pattern', 'a')).toBeUndefined();
  expect(desired.get('channel', 'a')).toMatchObject({ kind: 'channel', name: 'a', calls: [{}] });
});

function createOne(): {
  desired: ReturnType<typeof createDesiredSubscriptions>;
  subscription: DesiredSubscription;
} {
  const desired = createDesiredSubscriptions();
  return { desired, subscription: desired.add('channel', ['a'], createCall())[0] as DesiredSubscription };
}

test('whenConfirmed resolves with the confirmation, and at once after it', async () => {
  const { subscription } = createOne();
  const [one, other] = [whenConfirmed(subscription), whenConfirmed(subscription)];
  expect(await stateOf(one)).toBe('pending');
  markConfirmed(subscription);
  expect([await stateOf(one), await stateOf(other)]).toEqual(['resolved', 'resolved']);
  expect(await stateOf(whenConfirmed(subscription))).toBe('resolved');
  expect(subscription).toMatchObject({ isConfirmed: true, wasConfirmed: true });
});

test('a confirmation resets the refusals', () => {
  const { subscription } = createOne();
  Object.assign(subscription, { refusals: 3, missingSince: 5 });
  markConfirmed(subscription);
  expect(subscription).toMatchObject({ refusals: 0, missingSince: undefined });
});

test('whenConfirmed rejects with the error, which is reported once', async () => {
  const { subscription } = createOne();
  const waiting = whenConfirmed(subscription);
  rejectWaiters(subscription, new Error('no'));
  expect(await stateOf(waiting)).toBe('Error: no');
  expect(subscription.waiters).toEqual([]);
  expect(await stateOf(whenConfirmed(subscription))).toBe('pending');
});

test('whenConfirmed resolves when nobody desires the subscription any more', async () => {
  const { desired, subscription } = createOne();
  desired.add('channel', ['a'], createCall());
  const waiting = whenConfirmed(subscription);
  desired.remove('channel', ['a']);
  expect(await stateOf(waiting)).toBe('pending');
  desired.remove('channel', ['a']);
  expect(await stateOf(waiting)).toBe('resolved');
});
