import { describe, expect, test } from 'vitest';
import { dialTargetAt, dialTargetBehind, dialTargetOf } from '../../../../src/connect/dial/dial-target.js';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { FakeSocket, FakeTlsSocket } from '../../../support/unit/connect/fake-socket.js';
import { createDialAttemptHarness, FULL } from '../../../support/unit/connect/dial-attempt-harness.js';

describe('a full server', () => {
  test('is reported with its URL after its first reply', () => {
    const { requestDial, reports, errors } = createDialAttemptHarness();
    const socket = requestDial().dial();
    requestDial();
    socket.up();
    socket.emit('data', Buffer.from(FULL));
    expect(reports).toEqual([{ target: 'redis://a:1', detectedBy: 'reply', pending: 1, nextProbeMs: 1_500 }]);
    expect(errors).toMatchObject([{ code: 'HYG_SERVER_FULL', details: { name: facts.name } }]);
  });

  test.for([
    ['an end of the stream', undefined],
    ['a reset', 'ECONNRESET'],
    ['a broken pipe', 'EPIPE'],
  ] as const)(
    'that closes without a reply, with %s, is probed at the address of the socket',
    async ([, code]) => {
      const { requestDial, probe, reports, clock } = createDialAttemptHarness('full');
      const socket = new FakeSocket();
      Object.assign(socket, { remoteAddress: '10.0.0.7', remotePort: 7 });
      requestDial().dial(socket).up();
      socket.readableEnded = code === undefined;
      socket.gone(code && Object.assign(new Error(code), { code }));
      await clock.advance(0);
      expect(probe).toHaveBeenCalledExactlyOnceWith({ host: '10.0.0.7', port: 7 });
      expect(reports).toMatchObject([{ detectedBy: 'probe' }]);
    },
  );

  test.for([
    ['before it was up', (socket: FakeSocket) => socket],
    ['by this process', (socket: FakeSocket) => (socket.up(), socket)],
  ] as const)('is not suspected when the socket was closed %s', ([, prepare]) => {
    const { requestDial, probe } = createDialAttemptHarness();
    prepare(requestDial().dial(new FakeSocket())).gone();
    expect(probe).not.toHaveBeenCalled();
  });

  test('is not suspected when the client was told to disconnect', () => {
    const { requestDial, probe } = createDialAttemptHarness();
    const { dialAttempt, dial } = requestDial();
    const socket = dial(new FakeSocket());
    socket.up();
    dialAttempt.cancel(new Error('Connection is closed.'));
    socket.readableEnded = true;
    socket.gone();
    expect(probe).not.toHaveBeenCalled();
  });

  test('is not probed in plain text behind TLS', () => {
    const { requestDial, probe } = createDialAttemptHarness();
    const socket = requestDial().dial(new FakeTlsSocket());
    socket.up();
    socket.readableEnded = true;
    socket.gone();
    expect(probe).not.toHaveBeenCalled();
  });
});

describe('a dial target', () => {
  test('is the same server for the same address, however the address was given', () => {
    expect(dialTargetOf({})).toEqual({ key: 'localhost:6379', url: 'redis://localhost:6379' });
    expect(dialTargetAt({ host: 'b', port: 2 }, {})).toEqual({ key: 'tls b:2', url: 'rediss://b:2' });
    expect(dialTargetOf({ path: '/run/redis.sock' })).toMatchObject({
      key: '/run/redis.sock',
      path: '/run/redis.sock',
    });
  });

  test('of a connector of the application’s own has a key of its own', () => {
    const [One, Other] = [() => undefined, () => undefined];
    expect(dialTargetBehind(One, {}).key).toBe(dialTargetBehind(One, {}).key);
    expect(dialTargetBehind(One, {}).key).not.toBe(dialTargetBehind(Other, {}).key);
    expect(dialTargetBehind(One, {}).url).toBe('redis://localhost:6379');
  });
});
