import { describe, expect, test } from 'vitest';
import { dialTargetAt, dialTargetBehind, dialTargetOf } from '../../../../src/connect/dial/dial-target.js';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { FakeSocket, FakeTlsSocket } from '../../../support/unit/connect/fake-socket.js';
import { createPassageBench, FULL } from '../../../support/unit/connect/dial-attempt-harness.js';

describe('a full server', () => {
  test('is told with its address, by its first words', () => {
    const { arrive, reports, errors } = createPassageBench();
    const socket = arrive().dial();
    arrive();
    socket.up();
    socket.emit('data', Buffer.from(FULL));
    expect(reports).toEqual([{ target: 'redis://a:1', found: 'text', waiting: 1, nextProbeMs: 1_500 }]);
    expect(errors).toMatchObject([{ code: 'HYG_SERVER_FULL', details: { name: facts.name } }]);
  });

  test.for([
    ['ends it', undefined],
    ['resets it', 'ECONNRESET'],
    ['breaks the pipe', 'EPIPE'],
  ] as const)('that says nothing and %s is asked where the socket led', async ([, code]) => {
    const { arrive, probe, reports, clock } = createPassageBench('full');
    const socket = new FakeSocket();
    Object.assign(socket, { remoteAddress: '10.0.0.7', remotePort: 7 });
    arrive().dial(socket).up();
    socket.readableEnded = code === undefined;
    socket.gone(code && Object.assign(new Error(code), { code }));
    await clock.advance(0);
    expect(probe).toHaveBeenCalledExactlyOnceWith({ host: '10.0.0.7', port: 7 });
    expect(reports).toMatchObject([{ found: 'probe' }]);
  });

  test.for([
    ['before it was up', (socket: FakeSocket) => socket],
    ['by us', (socket: FakeSocket) => (socket.up(), socket)],
  ] as const)('is not suspected where the socket was closed %s', ([, prepare]) => {
    const { arrive, probe } = createPassageBench();
    prepare(arrive().dial(new FakeSocket())).gone();
    expect(probe).not.toHaveBeenCalled();
  });

  test('is not suspected where the client was told to disconnect', () => {
    const { arrive, probe } = createPassageBench();
    const { passage, dial } = arrive();
    const socket = dial(new FakeSocket());
    socket.up();
    passage.callOff(new Error('Connection is closed.'));
    socket.readableEnded = true;
    socket.gone();
    expect(probe).not.toHaveBeenCalled();
  });

  test('is not asked in plain text behind TLS', () => {
    const { arrive, probe } = createPassageBench();
    const socket = arrive().dial(new FakeTlsSocket());
    socket.up();
    socket.readableEnded = true;
    socket.gone();
    expect(probe).not.toHaveBeenCalled();
  });
});

describe('a destination', () => {
  test('is the same server under the same address, whoever gave it', () => {
    expect(dialTargetOf({})).toEqual({ key: 'localhost:6379', target: 'redis://localhost:6379' });
    expect(dialTargetAt({ host: 'b', port: 2 }, {})).toEqual({ key: 'b:2', target: 'rediss://b:2' });
    expect(dialTargetOf({ path: '/run/redis.sock' })).toMatchObject({
      key: '/run/redis.sock',
      path: '/run/redis.sock',
    });
  });

  test('of a connector of the caller’s own is its own', () => {
    const [One, Other] = [() => undefined, () => undefined];
    expect(dialTargetBehind(One, {}).key).toBe(dialTargetBehind(One, {}).key);
    expect(dialTargetBehind(One, {}).key).not.toBe(dialTargetBehind(Other, {}).key);
    expect(dialTargetBehind(One, {}).target).toBe('redis://localhost:6379');
  });
});
