import { describe, expect, test } from 'vitest';
import {
  type Behaviour,
  at,
  createBench,
  knowsMaster,
  otherSentinels,
} from '../../support/unit/sentinel/master-discovery-harness.js';

describe('the order of the sentinels', () => {
  test('is that of the options, then the sentinel that answered comes first', async () => {
    const { find, takeAsked } = createBench({ 1: new Error('refused'), 2: knowsMaster, 3: knowsMaster });
    expect(await find()).toBe(6379);
    expect(takeAsked()).toEqual([1, 2]);
    expect(await find()).toBe(6379);
    expect(takeAsked()).toEqual([2]);
  });

  test('ends with the sentinels that gave a wrong answer', async () => {
    const behaviours: Record<number, Behaviour> = { 1: knowsMaster, 2: knowsMaster, 3: knowsMaster };
    const { find, takeAsked, discovery } = createBench(behaviours);
    discovery.askLast('s:1');
    await find();
    discovery.askLast('s:2');
    behaviours[3] = new Error('refused');
    await find();
    expect(takeAsked()).toEqual([2, 3, 1]);
  });

  test('includes each reported sentinel once, under the address where it is reached', async () => {
    const behaviours: Record<number, Behaviour> = {
      1: { ...knowsMaster, 'sentinel sentinels mymaster': otherSentinels(1, 2, 2, 9) },
    };
    const { find, takeAsked } = createBench(behaviours, {
      sentinels: [at(1)],
      mapDiscoveredAddress: ({ host, port }) => ({ host, port: port + 40 }),
    });
    await find();
    delete behaviours[1];
    takeAsked();
    await find();
    expect(takeAsked()).toEqual([1, 41, 42, 49]);
  });

  test('has only the configured sentinels if the caller wants so', async () => {
    const behaviours: Record<number, Behaviour> = {
      1: { ...knowsMaster, 'sentinel sentinels mymaster': otherSentinels(9) },
    };
    const { find, takeAsked } = createBench(behaviours, {
      sentinels: [at(1)],
      mapDiscoveredAddress: undefined,
    });
    await find();
    delete behaviours[1];
    takeAsked();
    expect(await find()).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(takeAsked()).toEqual([1]);
  });

  test('drops sentinels that are no longer reported, except the configured ones and the one that answered', async () => {
    const behaviours: Record<number, Behaviour> = {
      1: { ...knowsMaster, 'sentinel sentinels mymaster': otherSentinels(8, 9) },
    };
    const { find, takeAsked } = createBench(behaviours, { sentinels: [at(1)] });
    await find();
    behaviours[9] = { ...knowsMaster, 'sentinel sentinels mymaster': otherSentinels(7) };
    delete behaviours[1];
    await find();
    delete behaviours[9];
    takeAsked();
    await find();
    expect(takeAsked()).toEqual([9, 1, 7]);
  });
});

describe('the time limit of the sentinels', () => {
  test('lets a third pass until the next sentinel is asked too', async () => {
    const { find, clock, asked } = createBench({ 1: 'frozen', 2: 'frozen', 3: knowsMaster });
    const found = find();
    await clock.advance(499);
    expect(asked).toEqual([1]);
    await clock.advance(1);
    expect(asked).toEqual([1, 2]);
    await clock.advance(500);
    expect(await found).toBe(6379);
  });

  test('lets at most a second pass until the next sentinel is asked too', async () => {
    const { find, clock } = createBench({ 1: 'frozen', 2: knowsMaster }, { timeoutMs: 60_000 });
    const found = find();
    await clock.advance(1_000);
    expect(await found).toBe(6379);
  });

  test('ends the round if all sentinels are frozen', async () => {
    const { find, clock, connections } = createBench({ 1: 'frozen', 2: 'frozen', 3: 'frozen' });
    const found = find();
    await clock.advance(2_499);
    expect(connections.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    await clock.advance(1);
    expect(await found).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(clock.pendingTimers()).toBe(0);
  });
});
