import { describe, expect, test } from 'vitest';
import {
  type Behaviour,
  at,
  createBench,
  good,
  told,
} from '../../support/unit/sentinel/master-discovery-harness.js';

describe('the order in which sentinels are asked', () => {
  test('is the given one, then whoever answered is asked first', async () => {
    const { find, take } = createBench({ 1: new Error('refused'), 2: good, 3: good });
    expect(await find()).toBe(6379);
    expect(take()).toEqual([1, 2]);
    expect(await find()).toBe(6379);
    expect(take()).toEqual([2]);
  });

  test('has those last whose word has led nowhere', async () => {
    const behaviours: Record<number, Behaviour> = { 1: good, 2: good, 3: good };
    const { find, take, finder } = createBench(behaviours);
    finder.distrust('s:1');
    await find();
    finder.distrust('s:2');
    behaviours[3] = new Error('refused');
    await find();
    expect(take()).toEqual([2, 3, 1]);
  });

  test('goes on to those that the sentinels tell of, once each and where they are reached', async () => {
    const behaviours: Record<number, Behaviour> = {
      1: { ...good, 'sentinel sentinels mymaster': told(1, 2, 2, 9) },
    };
    const { find, take } = createBench(behaviours, {
      sentinels: [at(1)],
      reach: ({ host, port }) => ({ host, port: port + 40 }),
    });
    await find();
    delete behaviours[1];
    take();
    await find();
    expect(take()).toEqual([1, 41, 42, 49]);
  });

  test('keeps to the given ones where the caller says so', async () => {
    const behaviours: Record<number, Behaviour> = { 1: { ...good, 'sentinel sentinels mymaster': told(9) } };
    const { find, take } = createBench(behaviours, { sentinels: [at(1)], reach: undefined });
    await find();
    delete behaviours[1];
    take();
    expect(await find()).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(take()).toEqual([1]);
  });

  test('forgets those that are told of no more, but for the given ones and who answered', async () => {
    const behaviours: Record<number, Behaviour> = {
      1: { ...good, 'sentinel sentinels mymaster': told(8, 9) },
    };
    const { find, take } = createBench(behaviours, { sentinels: [at(1)] });
    await find();
    behaviours[9] = { ...good, 'sentinel sentinels mymaster': told(7) };
    delete behaviours[1];
    await find();
    delete behaviours[9];
    take();
    await find();
    expect(take()).toEqual([9, 1, 7]);
  });
});

describe('the time that sentinels may take', () => {
  test('is a third of the limit until the next one is asked too', async () => {
    const { find, clock, asked } = createBench({ 1: 'frozen', 2: 'frozen', 3: good });
    const found = find();
    await clock.advance(499);
    expect(asked).toEqual([1]);
    await clock.advance(1);
    expect(asked).toEqual([1, 2]);
    await clock.advance(500);
    expect(await found).toBe(6379);
  });

  test('is at most a second, however long one may take', async () => {
    const { find, clock } = createBench({ 1: 'frozen', 2: good }, { limitMs: 60_000 });
    const found = find();
    await clock.advance(1_000);
    expect(await found).toBe(6379);
  });

  test('ends with the limit where all of them stand still', async () => {
    const { find, clock, lines } = createBench({ 1: 'frozen', 2: 'frozen', 3: 'frozen' });
    const found = find();
    await clock.advance(2_499);
    expect(lines.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    await clock.advance(1);
    expect(await found).toBe('HYG_SENTINEL_UNREACHABLE');
    expect(clock.pendingTimers()).toBe(0);
  });
});
