import { describe, expect, test } from 'vitest';
import { type SentinelAccess, createSentinelWatchers } from '../../../src/sentinel/sentinel-watchers.js';
import { turn } from '../../support/unit/fake-clock.js';
import {
  createFollower,
  createLines,
  QUESTIONS,
} from '../../support/unit/sentinel/sentinel-watchers-harness.js';

function createBench() {
  const lines = createLines();
  const opened: string[] = [];
  const factories = new Map<string, object>();
  /** One way to the sentinel, as one factory goes it. */
  function access(factory: string, { key = 'sentinel', isOpen = (): boolean => true } = {}): SentinelAccess {
    const open: SentinelAccess['open'] = (listener) => {
      opened.push(factory);
      return lines.ports.open(listener);
    };
    const own = factories.get(factory) ?? {};
    factories.set(factory, own);
    return { key, bounds: lines.ports.bounds, factory: own, isOpen, open };
  }
  return { ...lines, watchers: createSentinelWatchers(lines.clock), opened, access };
}

describe('the watchers of a process', () => {
  test('are one for each sentinel, however many follow it, until the last one leaves', async () => {
    const { watchers, access, opened, lines } = createBench();
    const followers = [createFollower(), createFollower(), createFollower()];
    const leave = followers.map(({ follower }) => watchers.follow(access('a'), follower));
    expect(opened).toEqual(['a']);
    leave[0]?.();
    leave[0]?.();
    leave[1]?.();
    await turn();
    expect(lines[0]?.isClosed).toBe(false);
    leave[2]?.();
    expect(lines[0]?.isClosed).toBe(true);
    watchers.follow(access('a'), createFollower().follower);
    expect(opened).toEqual(['a', 'a']);
  });

  test('go over to another factory with the last follower of the one that has the connection', async () => {
    const { watchers, access, opened, lines } = createBench();
    const [one, other] = [createFollower(), createFollower()];
    const leave = watchers.follow(access('a'), one.follower);
    const leaveOther = watchers.follow(access('b'), other.follower);
    leave();
    await turn();
    expect(opened).toEqual(['a', 'b']);
    expect(lines.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    leaveOther();
    expect(lines.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(opened).toEqual(['a', 'b']);
  });

  test('are another one for another sentinel, or other credentials', () => {
    const { watchers, access, opened } = createBench();
    watchers.follow(access('a'), createFollower().follower);
    watchers.follow(access('b', { key: 'other' }), createFollower().follower);
    expect(opened).toEqual(['a', 'b']);
  });

  test('ask anew for whoever joins, over the same connection', async () => {
    const { watchers, access, up, take, lines } = createBench();
    const [first, second] = [createFollower(), createFollower()];
    watchers.follow(access('a'), first.follower);
    await up();
    take();
    watchers.follow(access('b'), second.follower);
    await turn();
    expect(take()).toContain(QUESTIONS[0]);
    expect(second.heard).toEqual(['6379 1 me']);
    expect(lines).toHaveLength(1);
  });

  test('tell nothing to who has left', async () => {
    const { watchers, access, up, publish } = createBench();
    const [stays, leaves] = [createFollower(), createFollower()];
    watchers.follow(access('a'), stays.follower);
    const leave = watchers.follow(access('a'), leaves.follower);
    await up();
    leaves.heard.splice(0);
    leave();
    await publish('mymaster h 1 h 2');
    expect(leaves.heard).toEqual([]);
    expect(stays.heard).toContain('switch h:2');
  });
});

describe('a factory that shuts down', () => {
  test('leaves its watcher to the next one that is open', async () => {
    const { watchers, access, opened, listener, up, publish } = createBench();
    const open = new Set(['a', 'c']);
    const isOpen = (name: string) => ({ isOpen: () => open.has(name) });
    const followers = ['a', 'b', 'c'].map((name) => {
      const one = createFollower();
      watchers.follow(access(name, isOpen(name)), one.follower);
      return one;
    });
    await up();
    open.delete('a');
    listener().onEnd();
    expect(opened).toEqual(['a', 'c']);
    expect(followers[2]?.heard).not.toContain('unreachable');
    await up();
    await publish('mymaster h 1 h 2');
    expect(followers[2]?.heard).toContain('switch h:2');
  });

  test('that is the last one leaves none, and the next one begins anew', async () => {
    const { watchers, access, opened, listener, up } = createBench();
    let isOpen = true;
    const leave = watchers.follow(access('a', { isOpen: () => isOpen }), createFollower().follower);
    await up();
    isOpen = false;
    listener().onEnd();
    expect(opened).toEqual(['a']);
    watchers.follow(access('b'), createFollower().follower);
    expect(opened).toEqual(['a', 'b']);
    leave();
    expect(opened).toEqual(['a', 'b']);
  });

  test('gets no watcher any more', () => {
    const { watchers, access, opened } = createBench();
    watchers.follow(access('a', { isOpen: () => false }), createFollower().follower);
    expect(opened).toEqual([]);
  });
});

test('a watcher that was told to give up says so, does not come back, and does with the next follower', async () => {
  const { watchers, access, opened, listener, up } = createBench();
  const { follower, heard } = createFollower();
  watchers.follow(access('a'), follower);
  await up();
  listener().onEnd();
  await turn();
  expect(opened).toEqual(['a']);
  expect(heard).toEqual(['6379 1 me', 'unreachable']);
  watchers.follow(access('a'), createFollower().follower);
  expect(opened).toEqual(['a', 'a']);
});
