import { describe, expect, test } from 'vitest';
import { turn } from '../../support/unit/fake-clock.js';
import { createEngine, stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';
import { incomingMessage } from '../../support/unit/subscriber/fake-subscription-connection.js';

describe('commands of onConnected', () => {
  /** An engine with one channel whose `onConnected` sends a command. */
  function createAskingEngine() {
    const parts = createEngine();
    const answers: unknown[] = [];
    parts.hooks.onConnected = (call) =>
      void call('role', 'now').then(
        (answer) => answers.push(answer),
        (error: unknown) => answers.push(String(error)),
      );
    void parts.engine.subscribe('channel', ['a']);
    return { ...parts, answers };
  }

  async function createRenewingEngine() {
    const parts = createAskingEngine();
    await parts.connect();
    await parts.clock.advance(5_000);
    parts.takeEvents();
    return { ...parts, renewed: parts.engine.renew() };
  }

  test('are sent on a new connection before anything is subscribed, in one write', async () => {
    const { connection, answers } = createAskingEngine();
    connection.listener.onConnected();
    expect(connection.sent.map(({ command, names }) => [command, ...names])).toEqual([
      ['role', 'now'],
      ['subscribe', 'a'],
    ]);
    await connection.sent.shift()?.answer('master');
    expect(answers).toEqual(['master']);
  });

  test('are sent by renew() with nothing subscribed, and everything is subscribed again in the same write', async () => {
    const { connection, answers, takeEvents } = await createRenewingEngine();
    expect(connection.sent.map(({ command }) => command)).toEqual(['unsubscribe']);
    connection.listener.onMessage(incomingMessage('channel', 'a', '1'));
    await connection.sent.shift()?.answer();
    expect(connection.sent.map(({ command }) => command)).toEqual(['role', 'subscribe']);
    await connection.sent.shift()?.answer('master');
    expect(answers.at(-1)).toBe('master');
    expect(takeEvents()).toEqual([]);
    await connection.sent.shift()?.answer();
    expect(takeEvents()).toEqual(['gap a 4000 5000', 'channel a: 1', 'ready']);
  });

  test('are not disturbed by names that are subscribed and unsubscribed meanwhile', async () => {
    const { engine, connection } = await createRenewingEngine();
    const late = engine.subscribe('channel', ['b']);
    engine.unsubscribe('channel', ['a']);
    expect(connection.sent.map(({ command }) => command)).toEqual(['unsubscribe']);
    expect(await connection.answerAll()).toEqual(['unsubscribe a', 'role now', 'subscribe b']);
    expect(await stateOf(late)).toBe('resolved');
  });

  test('are not sent when the connection breaks during renew()', async () => {
    const { connection, renewed, disconnect, connect } = await createRenewingEngine();
    disconnect();
    await connection.sent.shift()?.rejectAsLost();
    await renewed;
    expect(connection.takeSent()).toEqual([]);
    expect(await connect()).toEqual(['role now', 'subscribe a']);
  });

  test('may be refused without an effect on the subscriptions', async () => {
    const { connection, answers, takeEvents } = await createRenewingEngine();
    await connection.sent.shift()?.answer();
    await connection.sent.shift()?.refuse('ERR unknown command');
    await connection.answerAll();
    expect(answers.at(-1)).toContain('ERR unknown command');
    expect(takeEvents()).toEqual(['gap a 4000 5000', 'ready']);
  });

  test('are sent also when the server refuses to unsubscribe', async () => {
    const { connection, takeEvents } = await createRenewingEngine();
    await connection.sent.shift()?.refuse();
    expect(await connection.answerAll()).toEqual(['role now', 'subscribe a']);
    expect(takeEvents()).toEqual(['gap a 4000 5000', 'ready']);
  });

  test('are not sent by renew() while disconnected, while renewing, or after close()', async () => {
    const { engine, connection, disconnect } = await createRenewingEngine();
    await engine.renew();
    expect(await connection.answerAll()).toEqual(['unsubscribe a', 'role now', 'subscribe a']);
    disconnect();
    await engine.renew();
    await engine.close();
    await engine.renew();
    await turn();
    expect(connection.takeSent()).toEqual([]);
  });
});
