import { describe, expect, test, vi } from 'vitest';
import { FakeSocket } from '../../../support/unit/connect/fake-socket.js';
import { createLinkBench, createOwner } from '../../../support/unit/connect/managed-connection-harness.js';

describe('the failure of a dial', () => {
  test.each([
    [
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      ': connect ECONNREFUSED.',
      'ECONNREFUSED',
    ],
    [Object.assign(new AggregateError([], ''), { code: 'ETIMEDOUT' }), ': ETIMEDOUT.', 'ETIMEDOUT'],
    [undefined, ': it did not open in time.', 'ETIMEDOUT'],
  ])('tells where to and why: %s', (cause, why, reason) => {
    const { link, dial, onFailure } = createLinkBench();
    link.adopt(createOwner());
    dial().gone(cause);
    const [error] = onFailure.mock.calls[0] ?? [];
    expect(error?.code).toBe('HYG_CONNECT_FAILED');
    expect(error?.message).toContain(`orders@web-1#pool could not connect to redis://h:6379${why}`);
    expect(error?.details).toEqual({
      name: 'orders@web-1#pool',
      role: 'pool',
      target: 'redis://h:6379',
      reason,
    });
    expect(error?.cause).toBe(cause);
    expect(onFailure).toHaveBeenCalledOnce();
  });

  test('without a message or a code is told by the name of its class, and is not taken for a timeout', () => {
    const { dial, onFailure } = createLinkBench();
    dial().gone(new RangeError(''));
    const [error] = onFailure.mock.calls[0] ?? [];
    expect(error?.message).toContain('redis://h:6379: RangeError.');
    expect(error?.details['reason']).not.toBe('ETIMEDOUT');
  });

  test('of a library’s client is told too', () => {
    const { dial, onFailure } = createLinkBench();
    dial().gone();
    expect(onFailure).toHaveBeenCalledOnce();
  });

  test('is told each time', () => {
    const { link, dial, onFailure } = createLinkBench();
    link.adopt(createOwner());
    dial().gone();
    dial().gone();
    expect(onFailure).toHaveBeenCalledTimes(2);
  });

  test('is none where the application called it off', () => {
    const { link, dial, onFailure } = createLinkBench();
    const owner = createOwner();
    owner.isClosing.mockReturnValue(true);
    link.adopt(owner);
    dial().gone(new Error('closed'));
    expect(onFailure).not.toHaveBeenCalled();
  });

  test('is none where the connection was up already', () => {
    const { link, dial, onFailure } = createLinkBench();
    link.adopt(createOwner());
    const socket = dial();
    socket.up();
    socket.gone(new Error('reset'));
    expect(onFailure).not.toHaveBeenCalled();
  });
});

describe('what the ledger sees of a connection', () => {
  test('is its socket, with the port that a closed socket forgets', () => {
    const { link, dial } = createLinkBench();
    link.adopt(createOwner());
    const socket = dial();
    expect(link.entry?.info()).toMatchObject({ localPort: undefined, bytesRead: 0, bytesWritten: 0 });
    socket.up(50_123);
    Object.assign(socket, { bytesRead: 7, bytesWritten: 9 });
    expect(link.entry?.info()).toMatchObject({ localPort: 50_123, bytesRead: 7, bytesWritten: 9 });
    socket.gone();
    expect(link.entry?.info()).toMatchObject({ localPort: 50_123, bytesRead: 7, bytesWritten: 9 });
  });

  test('is nothing of the last socket once the next is dialled', () => {
    const { link, dial } = createLinkBench();
    link.adopt(createOwner());
    const socket = dial();
    socket.up(50_123);
    socket.bytesRead = 7;
    socket.gone();
    link.dialling();
    expect(link.entry?.info()).toMatchObject({ localPort: undefined, bytesRead: 0 });
    link.attach(new FakeSocket().asSocket());
    expect(link.entry?.info()).toMatchObject({ localPort: undefined, bytesRead: 0 });
  });
});

describe('what the shutdown can do with a connection', () => {
  test('is what its client can, where that is ours', () => {
    const { link, dial } = createLinkBench();
    const owner = createOwner();
    owner.work.mockReturnValue({ pending: 3, unsent: 1, blocked: true });
    link.adopt(owner);
    const socket = dial();
    expect(link.entry?.handle.work()).toEqual({ pending: 3, unsent: 1, blocked: true });
    link.entry?.handle.quit();
    link.entry?.handle.destroy();
    expect([owner.quit, owner.destroy].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    expect([socket.end, socket.destroy].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
  });

  test('is what its connector and its socket can, where the client is a library’s', () => {
    const { link, dial } = createLinkBench();
    const disconnect = vi.fn();
    link.connector = { disconnect };
    const socket = dial();
    expect(link.entry?.handle.work()).toEqual({ pending: 0, unsent: 0, blocked: false });
    link.entry?.handle.quit();
    expect([disconnect, socket.destroy].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
    link.entry?.handle.destroy();
    expect([disconnect, socket.destroy].map(({ mock }) => mock.calls.length)).toEqual([2, 1]);
  });

  test('is nothing before there is a socket', () => {
    const { link } = createLinkBench();
    link.dialling();
    expect(() => link.entry?.handle.quit()).not.toThrow();
    expect(() => link.entry?.handle.destroy()).not.toThrow();
  });
});
