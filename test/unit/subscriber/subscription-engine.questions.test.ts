import { describe, expect, test } from 'vitest';
import { turn } from '../../support/unit/fake-clock.js';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { messageOn } from '../../support/unit/subscriber/fake-subscription-connection.js';

describe('questions to the server', () => {
  /** An engine that is up, with one channel, and asks on each connection and each time it begins anew. */
  function asking() {
    const parts = createEngine();
    const answers: unknown[] = [];
    parts.hooks.onUp = (call) =>
      void call('role', 'now').then(
        (answer) => answers.push(answer),
        (error: unknown) => answers.push(String(error)),
      );
    void parts.engine.subscribe('channel', ['a']);
    return { ...parts, answers };
  }

  async function renewing() {
    const parts = asking();
    await parts.up();
    await parts.clock.advance(5_000);
    parts.told();
    return { ...parts, renewed: parts.engine.renew() };
  }

  test('are asked on a new connection before anything is subscribed, in one write', async () => {
    const { line, answers } = asking();
    line.tell.onUp();
    expect(line.sent.map(({ verb, names }) => [verb, ...names])).toEqual([
      ['role', 'now'],
      ['subscribe', 'a'],
    ]);
    await line.sent.shift()?.answer('master');
    expect(answers).toEqual(['master']);
  });

  test('are asked anew with nothing subscribed, and all is subscribed again in one write with them', async () => {
    const { line, answers, told } = await renewing();
    expect(line.sent.map(({ verb }) => verb)).toEqual(['-subscribe']);
    line.tell.onMessage(messageOn('channel', 'a', '1'));
    await line.sent.shift()?.answer();
    expect(line.sent.map(({ verb }) => verb)).toEqual(['role', 'subscribe']);
    await line.sent.shift()?.answer('master');
    expect(answers.at(-1)).toBe('master');
    expect(told()).toEqual([]);
    await line.sent.shift()?.answer();
    expect(told()).toEqual(['gap a 4000 5000', 'channel a: 1', 'ready']);
  });

  test('are not disturbed by what is subscribed and given back meanwhile', async () => {
    const { engine, line } = await renewing();
    const late = engine.subscribe('channel', ['b']);
    engine.unsubscribe('channel', ['a']);
    expect(line.sent.map(({ verb }) => verb)).toEqual(['-subscribe']);
    expect(await line.answerAll()).toEqual(['-subscribe a', 'role now', 'subscribe b']);
    expect(await stateOf(late)).toBe('resolved');
  });

  test('are not asked where the connection breaks before', async () => {
    const { line, renewed, down, up } = await renewing();
    down();
    await line.sent.shift()?.breakOff();
    await renewed;
    expect(line.take()).toEqual([]);
    expect(await up()).toEqual(['role now', 'subscribe a']);
  });

  test('that are refused change nothing', async () => {
    const { line, answers, told } = await renewing();
    await line.sent.shift()?.answer();
    await line.sent.shift()?.refuse('ERR unknown command');
    await line.answerAll();
    expect(answers.at(-1)).toContain('ERR unknown command');
    expect(told()).toEqual(['gap a 4000 5000', 'ready']);
  });

  test('are asked also where the server refuses to unsubscribe', async () => {
    const { line, told } = await renewing();
    await line.sent.shift()?.refuse();
    expect(await line.answerAll()).toEqual(['role now', 'subscribe a']);
    expect(told()).toEqual(['gap a 4000 5000', 'ready']);
  });

  test('are not asked while the connection is down, busy with others, or closed', async () => {
    const { engine, line, down } = await renewing();
    await engine.renew();
    expect(await line.answerAll()).toEqual(['-subscribe a', 'role now', 'subscribe a']);
    down();
    await engine.renew();
    await engine.close();
    await engine.renew();
    await turn();
    expect(line.take()).toEqual([]);
  });
});
