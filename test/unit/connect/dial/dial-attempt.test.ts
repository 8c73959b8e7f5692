import { describe, expect, test, vi } from 'vitest';
import { dialTargetAt, dialTargetOf } from '../../../../src/connect/dial/dial-target.js';
import type { HygieneError } from '../../../../src/core/errors.js';
import { FakeSocket } from '../../../support/unit/connect/fake-socket.js';
import {
  createDialAttemptHarness,
  FULL,
  SERVER,
} from '../../../support/unit/connect/dial-attempt-harness.js';

describe('a dial', () => {
  test('ends with the first bytes, and leaves no listener on the socket', async () => {
    const { requestDial } = createDialAttemptHarness();
    const first = requestDial();
    expect(first.decision).toBeUndefined();
    const second = requestDial();
    const socket = first.dial();
    socket.up();
    socket.emit('data', Buffer.from('+OK\r\n'));
    expect(await second.decision).toBe('dial');
    expect(first.requester.dialAttempt).toBeUndefined();
    expect([socket.listenerCount('data'), socket.listenerCount('connect')]).toEqual([0, 0]);
  });

  test.for([
    ['its socket closes', (socket: FakeSocket) => socket.gone()],
    ['its dial fails', (socket: FakeSocket) => socket.gone(new Error('ECONNREFUSED'))],
  ] as const)('ends when %s', async ([, end]) => {
    const { requestDial } = createDialAttemptHarness();
    const first = requestDial();
    const second = requestDial();
    end(first.dial());
    expect(await second.decision).toBe('dial');
  });

  test('to an address that does not answer no longer counts after 2 s', async () => {
    const { requestDial, clock } = createDialAttemptHarness();
    requestDial().dial();
    const second = requestDial();
    const admitted = vi.fn();
    void second.decision?.then(admitted);
    await clock.advance(1_999);
    expect(admitted).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(admitted).toHaveBeenCalledOnce();
  });

  test.for([
    ['that of a handshake for a client of ours', false, 10_000],
    ['2 s for a library’s client', true, 2_000],
  ] as const)(
    'to a server that says nothing no longer counts after a timeout: %s',
    async ([, isLibrary, ms]) => {
      const { requestDial, clock } = createDialAttemptHarness();
      requestDial(SERVER, isLibrary).dial().up();
      const admitted = vi.fn();
      void requestDial().decision?.then(admitted);
      await clock.advance(ms - 1);
      expect(admitted).not.toHaveBeenCalled();
      await clock.advance(1);
      expect(admitted).toHaveBeenCalledOnce();
    },
  );

  test('ends at once when its socket is already destroyed', async () => {
    const { requestDial } = createDialAttemptHarness();
    const first = requestDial();
    const second = requestDial();
    const socket = new FakeSocket();
    socket.destroyed = true;
    first.dial(socket);
    expect(await second.decision).toBe('dial');
  });

  test('waits only for dials to the same server', () => {
    const { requestDial } = createDialAttemptHarness();
    requestDial();
    expect(requestDial(dialTargetOf({ host: 'a', port: 2 })).decision).toBeUndefined();
    expect(requestDial(dialTargetOf({ host: 'a', port: 1, tls: {} })).decision).toBeUndefined();
    expect(requestDial(dialTargetAt({ host: 'a', port: 1 }, undefined)).decision).toBeDefined();
  });
});

describe('a waiting dial', () => {
  test('rejects when it is cancelled, and is not admitted later', async () => {
    const { requestDial } = createDialAttemptHarness();
    const first = requestDial();
    const [second, third] = [requestDial(), requestDial()];
    second.dialAttempt.cancel(new Error('Connection is closed.'));
    await expect(second.decision).rejects.toThrow('Connection is closed.');
    first.dialAttempt.release();
    expect(await third.decision).toBe('dial');
  });

  test('is redirected when its server has moved, but only while it waits', async () => {
    const { requestDial } = createDialAttemptHarness();
    const first = requestDial();
    const second = requestDial();
    expect(first.dialAttempt.redirect()).toBe(false);
    expect(second.dialAttempt.redirect()).toBe(true);
    expect(await second.decision).toBe('moved');
  });

  test('for room at a full server has its overdue commands rejected', async () => {
    const { requestDial, clock } = createDialAttemptHarness();
    const socket = requestDial().dial();
    const second = requestDial();
    socket.up();
    socket.emit('data', Buffer.from(FULL));
    await clock.advance(600);
    const [now, createError] = second.owner?.rejectOverdueCommands.mock.calls.at(-1) as unknown as [
      number,
      () => HygieneError,
    ];
    expect(now).toBeLessThanOrEqual(clock.now());
    expect(createError()).toMatchObject({ code: 'HYG_SERVER_FULL', details: { target: 'redis://a:1' } });
  });
});

describe('a client whose dial the server did not answer', () => {
  /** A client whose dial was refused, and a function that has the server answer another one. */
  function createRefusedClient() {
    const harness = createDialAttemptHarness();
    const refused = harness.requestDial();
    refused.dial().gone(new Error('ECONNREFUSED'));
    function answerAnother(): void {
      const socket = harness.requestDial().dial();
      socket.up();
      socket.emit('data', Buffer.from('+OK\r\n'));
    }
    return { ...harness, ...refused, answerAnother };
  }

  test('dials without delay as soon as the server answers another client, but only once', () => {
    const { owner, answerAnother, redial } = createRefusedClient();
    answerAnother();
    expect(owner?.skipDefaultDelay).toHaveBeenCalledOnce();
    redial().gone(new Error('ECONNREFUSED'));
    answerAnother();
    expect(owner?.skipDefaultDelay).toHaveBeenCalledOnce();
  });

  test('does so again after the server has answered it', () => {
    const { owner, answerAnother, redial } = createRefusedClient();
    answerAnother();
    const socket = redial();
    socket.up();
    socket.emit('data', Buffer.from('+OK\r\n'));
    socket.gone();
    redial().gone(new Error('ECONNREFUSED'));
    answerAnother();
    expect(owner?.skipDefaultDelay).toHaveBeenCalledTimes(2);
  });

  test('does not once it has ended', () => {
    const { owner, answerAnother, dialAttempt } = createRefusedClient();
    dialAttempt.forget();
    answerAnother();
    expect(owner?.skipDefaultDelay).not.toHaveBeenCalled();
  });

  test('does not after the server has answered it, even if it was refused', () => {
    const { requestDial } = createDialAttemptHarness();
    const answered = requestDial();
    const socket = answered.dial();
    socket.up();
    socket.emit('data', Buffer.from('-NOAUTH Authentication required.\r\n'));
    socket.gone();
    const another = requestDial().dial();
    another.up();
    another.emit('data', Buffer.from('+OK\r\n'));
    expect(answered.owner?.skipDefaultDelay).not.toHaveBeenCalled();
  });
});
