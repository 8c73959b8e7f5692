import { describe, expect, test, vi } from 'vitest';
import { dialTargetAt, dialTargetOf } from '../../../../src/connect/dial/dial-target.js';
import type { HygieneError } from '../../../../src/core/errors.js';
import { FakeSocket } from '../../../support/unit/connect/fake-socket.js';
import { createPassageBench, FULL, SERVER } from '../../../support/unit/connect/dial-attempt-harness.js';

describe('a turn', () => {
  test('ends with the first bytes, and leaves nothing on the socket', async () => {
    const { arrive } = createPassageBench();
    const first = arrive();
    expect(first.passing).toBeUndefined();
    const second = arrive();
    const socket = first.dial();
    socket.up();
    socket.emit('data', Buffer.from('+OK\r\n'));
    expect(await second.passing).toBe('dial');
    expect(first.traveller.passage).toBeUndefined();
    expect([socket.listenerCount('data'), socket.listenerCount('connect')]).toEqual([0, 0]);
  });

  test.for([
    ['its socket closes', (socket: FakeSocket) => socket.gone()],
    ['its dial fails', (socket: FakeSocket) => socket.gone(new Error('ECONNREFUSED'))],
  ] as const)('ends when %s', async ([, end]) => {
    const { arrive } = createPassageBench();
    const first = arrive();
    const second = arrive();
    end(first.dial());
    expect(await second.passing).toBe('dial');
  });

  test('of an address that does not answer ends after 2 s', async () => {
    const { arrive, clock } = createPassageBench();
    arrive().dial();
    const second = arrive();
    const went = vi.fn();
    void second.passing?.then(went);
    await clock.advance(1_999);
    expect(went).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(went).toHaveBeenCalledOnce();
  });

  test.for([
    ['a client of ours has the time of a handshake', false, 10_000],
    ['that of a library 2 s', true, 2_000],
  ] as const)('of a server that says nothing: %s', async ([, isLibrary, ms]) => {
    const { arrive, clock } = createPassageBench();
    arrive(SERVER, isLibrary).dial().up();
    const went = vi.fn();
    void arrive().passing?.then(went);
    await clock.advance(ms - 1);
    expect(went).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(went).toHaveBeenCalledOnce();
  });

  test('of a socket that is dead when it comes is over', async () => {
    const { arrive } = createPassageBench();
    const first = arrive();
    const second = arrive();
    const dead = new FakeSocket();
    dead.destroyed = true;
    first.dial(dead);
    expect(await second.passing).toBe('dial');
  });

  test('is waited for at each server by itself', () => {
    const { arrive } = createPassageBench();
    arrive();
    expect(arrive(dialTargetOf({ host: 'a', port: 2 })).passing).toBeUndefined();
    expect(arrive(dialTargetAt({ host: 'a', port: 1 }, undefined)).passing).toBeDefined();
  });
});

describe('who waits', () => {
  test('is rejected when it is called off, and does not go any more', async () => {
    const { arrive } = createPassageBench();
    const first = arrive();
    const [second, third] = [arrive(), arrive()];
    second.passage.callOff(new Error('Connection is closed.'));
    await expect(second.passing).rejects.toThrow('Connection is closed.');
    first.passage.leave();
    expect(await third.passing).toBe('dial');
  });

  test('is sent elsewhere when its server is another, and only then', async () => {
    const { arrive } = createPassageBench();
    const first = arrive();
    const second = arrive();
    expect(first.passage.moveOn()).toBe(false);
    expect(second.passage.moveOn()).toBe(true);
    expect(await second.passing).toBe('moved');
  });

  test('stays where its client is told to reconnect, as it is about to', () => {
    const { arrive } = createPassageBench();
    arrive();
    const { passage, owner } = arrive();
    expect(passage.goesOnWaiting()).toBe(true);
    owner?.isClosing.mockReturnValue(true);
    expect(passage.goesOnWaiting()).toBe(false);
    expect(arrive(SERVER, true).passage.goesOnWaiting()).toBe(false);
  });

  test('for room has its commands looked at', async () => {
    const { arrive, clock } = createPassageBench();
    const socket = arrive().dial();
    const second = arrive();
    socket.up();
    socket.emit('data', Buffer.from(FULL));
    await clock.advance(600);
    const [now, error] = second.owner?.rejectOverdue.mock.calls.at(-1) as unknown as [
      number,
      () => HygieneError,
    ];
    expect(now).toBeLessThanOrEqual(clock.now());
    expect(error()).toMatchObject({ code: 'HYG_SERVER_FULL', details: { target: 'redis://a:1' } });
  });
});
