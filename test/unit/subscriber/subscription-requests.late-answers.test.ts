import { describe, expect, test } from 'vitest';
import { turn } from '../../support/unit/fake-clock.js';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';

describe('late answers', () => {
  test('of an earlier connection change nothing', async () => {
    const { engine, line, up, down, told } = createEngine();
    await up();
    const subscribing = engine.subscribe('channel', ['a', 'b']);
    const [early] = line.sent.splice(0);
    down();
    line.tell.onUp();
    await early?.answer();
    expect(await stateOf(subscribing)).toBe('pending');
    expect(await line.answerAll()).toEqual(['subscribe a b']);
    expect(await stateOf(subscribing)).toBe('resolved');
    expect(told()).toEqual(['ready', 'ready']);
  });

  test('nor do late refusals', async () => {
    const { engine, line, up, down } = createEngine();
    await up();
    const subscribing = engine.subscribe('channel', ['a', 'b']);
    const [early] = line.sent.splice(0);
    down();
    line.tell.onUp();
    await early?.refuse();
    expect(await stateOf(subscribing)).toBe('pending');
    expect(line.take()).toEqual(['subscribe a b']);
  });

  test('do not make a connection ready that is still busy', async () => {
    const { engine, line, down, told } = createEngine();
    void engine.subscribe('channel', ['a']);
    line.tell.onUp();
    const [early] = line.sent.splice(0);
    down();
    line.tell.onUp();
    await early?.answer();
    expect(told()).toEqual([]);
    await line.answerAll();
    expect(told()).toEqual(['ready']);
  });

  test('that never come, because the connection breaks, make nothing ready', async () => {
    const { engine, line, clock, up, down, told } = createEngine();
    void engine.subscribe('channel', ['a']);
    await up();
    await clock.advance(5_000);
    down();
    line.tell.onUp();
    // The command is rejected a moment before the connection's end is told.
    await line.sent.shift()?.breakOff();
    expect(told()).toEqual(['ready']);
    down();
    await clock.advance(1_000);
    await up();
    expect(told()).toEqual(['gap a 4000 5000', 'gap a 5000 6000', 'ready']);
  });

  test('that never come for what is subscribed later are asked for again', async () => {
    const { engine, line, up, down } = createEngine();
    await up();
    const subscribing = engine.subscribe('channel', ['a', 'b']);
    await line.sent.shift()?.breakOff();
    expect(await stateOf(subscribing)).toBe('pending');
    down();
    expect(await up()).toEqual(['subscribe a b']);
    await turn();
    expect(await stateOf(subscribing)).toBe('resolved');
  });
});
