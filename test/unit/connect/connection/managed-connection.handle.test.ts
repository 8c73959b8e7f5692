import { describe, expect, test, vi } from 'vitest';
import { FakeSocket } from '../../../support/unit/connect/fake-socket.js';
import {
  createConnectionHarness,
  createOwner,
} from '../../../support/unit/connect/managed-connection-harness.js';

describe('the failure of a dial', () => {
  test.each([
    [
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      ': connect ECONNREFUSED.',
      'ECONNREFUSED',
    ],
    [Object.assign(new AggregateError([], ''), { code: 'ETIMEDOUT' }), ': ETIMEDOUT.', 'ETIMEDOUT'],
    [undefined, ': it did not open in time.', 'ETIMEDOUT'],
  ])('is reported with target and reason: %s', (cause, why, reason) => {
    const { connection, dial, onFailure } = createConnectionHarness();
    connection.adopt(createOwner());
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

  test('without message and code is reported by the name of its class, and not as a timeout', () => {
    const { dial, onFailure } = createConnectionHarness();
    dial().gone(new RangeError(''));
    const [error] = onFailure.mock.calls[0] ?? [];
    expect(error?.message).toContain('redis://h:6379: RangeError.');
    expect(error?.details['reason']).not.toBe('ETIMEDOUT');
  });

  test('of a library’s client is reported too', () => {
    const { dial, onFailure } = createConnectionHarness();
    dial().gone();
    expect(onFailure).toHaveBeenCalledOnce();
  });

  test('is reported each time', () => {
    const { connection, dial, onFailure } = createConnectionHarness();
    connection.adopt(createOwner());
    dial().gone();
    dial().gone();
    expect(onFailure).toHaveBeenCalledTimes(2);
  });

  test('is not reported when the application cancelled the dial', () => {
    const { connection, dial, onFailure } = createConnectionHarness();
    const owner = createOwner();
    owner.isClosing.mockReturnValue(true);
    connection.adopt(owner);
    dial().gone(new Error('closed'));
    expect(onFailure).not.toHaveBeenCalled();
  });

  test('is not reported when the connection was up already', () => {
    const { connection, dial, onFailure } = createConnectionHarness();
    connection.adopt(createOwner());
    const socket = dial();
    socket.up();
    socket.gone(new Error('reset'));
    expect(onFailure).not.toHaveBeenCalled();
  });
});

describe('the ledger’s view of a connection', () => {
  test('shows its socket, with the port that a closed socket forgets', () => {
    const { connection, dial } = createConnectionHarness();
    connection.adopt(createOwner());
    const socket = dial();
    expect(connection.entry?.info()).toMatchObject({ localPort: undefined, bytesRead: 0, bytesWritten: 0 });
    socket.up(50_123);
    Object.assign(socket, { bytesRead: 7, bytesWritten: 9 });
    expect(connection.entry?.info()).toMatchObject({ localPort: 50_123, bytesRead: 7, bytesWritten: 9 });
    socket.gone();
    expect(connection.entry?.info()).toMatchObject({ localPort: 50_123, bytesRead: 7, bytesWritten: 9 });
  });

  test('shows nothing of the last socket once the next one is dialled', () => {
    const { connection, dial } = createConnectionHarness();
    connection.adopt(createOwner());
    const socket = dial();
    socket.up(50_123);
    socket.bytesRead = 7;
    socket.gone();
    connection.onDialStarted();
    expect(connection.entry?.info()).toMatchObject({ localPort: undefined, bytesRead: 0 });
    connection.attachSocket(new FakeSocket().asSocket());
    expect(connection.entry?.info()).toMatchObject({ localPort: undefined, bytesRead: 0 });
  });
});

describe('the handle of a connection', () => {
  test('uses the client, if the client is ours', () => {
    const { connection, dial } = createConnectionHarness();
    const owner = createOwner();
    owner.work.mockReturnValue({ pending: 3, unsent: 1, isBlocked: true });
    connection.adopt(owner);
    const socket = dial();
    expect(connection.entry?.handle.work()).toEqual({ pending: 3, unsent: 1, isBlocked: true });
    connection.entry?.handle.quit();
    connection.entry?.handle.destroy();
    expect([owner.quit, owner.destroy].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    expect([socket.end, socket.destroy].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
  });

  test('uses the connector and the socket, if the client is a library’s', () => {
    const { connection, dial } = createConnectionHarness();
    const disconnect = vi.fn();
    connection.connector = { disconnect };
    const socket = dial();
    expect(connection.entry?.handle.work()).toEqual({ pending: 0, unsent: 0, isBlocked: false });
    connection.entry?.handle.quit();
    expect([disconnect, socket.destroy].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
    connection.entry?.handle.destroy();
    expect([disconnect, socket.destroy].map(({ mock }) => mock.calls.length)).toEqual([2, 1]);
  });

  test('does nothing before there is a socket', () => {
    const { connection } = createConnectionHarness();
    connection.onDialStarted();
    expect(() => connection.entry?.handle.quit()).not.toThrow();
    expect(() => connection.entry?.handle.destroy()).not.toThrow();
  });
});
