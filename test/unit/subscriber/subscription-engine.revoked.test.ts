import { describe, expect, test } from 'vitest';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { messageOn } from '../../support/unit/subscriber/fake-subscription-connection.js';

/** A shard channel that the server has ended by itself, one second and a half after it was ready. */
async function revoked() {
  const parts = createEngine();
  const { engine, line, clock, up, told } = parts;
  void engine.subscribe('shard', ['s']);
  await up();
  await clock.advance(1_500);
  told();
  line.tell.onRevoked('s');
  return parts;
}

describe('a shard channel that is taken away', () => {
  test('is asked for again at once, and what may have been under way is in its gap', async () => {
    const { line, clock, told } = await revoked();
    await clock.advance(20);
    expect(await line.answerAll()).toEqual(['ssubscribe s']);
    expect(told()).toEqual(['gap s 500 1520']);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('and refused then is told once, and asked for with backoff', async () => {
    const { line, clock, told } = await revoked();
    await line.sent.shift()?.refuse('MOVED 1 127.0.0.1:7001');
    expect(told()).toEqual([
      expect.stringContaining('error The server refused to subscribe the shard channel'),
    ]);
    await clock.advance(50);
    await line.sent.shift()?.answer();
    expect(told()).toEqual(['gap s 500 1550']);
  });

  test('is not subscribed any more: who asks for it now has to wait', async () => {
    const { engine, line } = await revoked();
    const late = engine.subscribe('shard', ['s']);
    expect(await stateOf(late)).toBe('pending');
    await line.sent.shift()?.refuse('MOVED');
    expect(await stateOf(late)).toBe('HYG_SUBSCRIBE_REFUSED');
    expect(engine.wanted().shardChannels).toEqual(['s']);
  });

  test('and heard again has its gap told before the message', async () => {
    const { line, told } = await revoked();
    line.tell.onMessage(messageOn('shard', 's', '1'));
    expect(told()).toEqual(['gap s 500 1500', 'shard s: 1']);
  });

  test('while nobody wants it is let go', async () => {
    const { engine, line, told } = await revoked();
    line.take();
    engine.unsubscribe('shard', ['s']);
    line.take();
    line.tell.onRevoked('s');
    expect([line.take(), told()]).toEqual([[], []]);
  });
});
