import { describe, expect, test, vi } from 'vitest';
import type { ReadTcpStates } from '../../../../src/liveness/tcp-state.js';
import type { AskServer, ServerSideIdentity } from '../../../../src/liveness/server-side-identity.js';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { FakeSocket } from '../../../support/unit/connect/fake-socket.js';
import {
  createConnectionHarness,
  createOwner,
  type ConnectionHarness,
} from '../../../support/unit/connect/managed-connection-harness.js';

const identity: ServerSideIdentity = {
  runId: 'a1',
  clientId: 7,
  name: facts.name,
  address: '10.0.0.1:50000',
  user: 'default',
  serverEnd: '10.0.0.2:6379',
};
/** Answers as a server that no longer has the last connection. */
const listNothing: AskServer = () => Promise.resolve('');

type OwnedConnection = ConnectionHarness & {
  readonly owner: ReturnType<typeof createOwner>;
  readonly connect: () => FakeSocket;
};

/** A connection that a client of ours has adopted. */
function createOwnedConnection(): OwnedConnection {
  const harness = createConnectionHarness();
  const owner = createOwner();
  harness.connection.adopt(owner);
  const connect = () => {
    const socket = harness.dial();
    socket.up();
    return socket;
  };
  return { ...harness, owner, connect };
}

/** A connection whose handshake is done, with an identity that the server has told. */
async function createReadyConnection(): Promise<OwnedConnection & { readonly socket: FakeSocket }> {
  const harness = createOwnedConnection();
  const socket = harness.connect();
  await harness.connection.monitor?.onIdentified(identity, listNothing);
  harness.connection.onReady();
  return { ...harness, socket };
}

function readAs(kind: 'acknowledged' | 'unacknowledged'): ReadTcpStates {
  const state = kind === 'acknowledged' ? { kind } : { kind, bytes: 14, timesResent: 4 };
  return (flows) => Promise.resolve(flows.map(() => state));
}

describe('a silent connection of our client', () => {
  test('is pinged and, without an answer, reported as stale with its entry and destroyed', async () => {
    const { owner, clock, listeners, socket, readTcpStates } = await createReadyConnection();
    owner.ping.mockImplementation(() => {
      owner.expectation.mockReturnValue('answer');
      return new Promise(() => undefined);
    });
    await clock.advance(14_500);
    expect(owner.ping).toHaveBeenCalledOnce();
    await clock.advance(5_000);
    expect(listeners.onStale.mock.calls).toEqual([
      [expect.objectContaining({ ...facts, state: 'ready', localPort: 50_000 }), 'deadline', 19_500],
    ]);
    expect(socket.destroy).toHaveBeenCalledOnce();
    const ends = { localAddress: '127.0.0.1', remoteAddress: '127.0.0.1', remotePort: 6_379 };
    expect(readTcpStates.mock.calls).toEqual([[[{ ...ends, localPort: 50_000 }]]]);
  });

  test('is not reported a second time while its socket closes', async () => {
    const { owner, clock, listeners, socket } = await createReadyConnection();
    owner.expectation.mockReturnValue('answer');
    await clock.advance(100_000);
    socket.gone();
    expect(listeners.onStale).toHaveBeenCalledOnce();
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is not pinged when its client says that a PING would do harm', async () => {
    const { owner, clock, readTcpStates } = await createReadyConnection();
    owner.expectation.mockReturnValue('data');
    await clock.advance(100_000);
    expect(owner.ping).not.toHaveBeenCalled();
    expect(readTcpStates).not.toHaveBeenCalled();
  });

  test('is reported as stalled and as recovered, with its entry', async () => {
    const { owner, clock, listeners, socket, readTcpStates } = await createReadyConnection();
    readTcpStates.mockImplementation(readAs('acknowledged'));
    owner.expectation.mockReturnValue('answer');
    await clock.advance(19_500);
    socket.bytesRead = 7;
    await clock.advance(500);
    const entry = expect.objectContaining({ name: facts.name, state: 'ready' });
    expect(listeners.onStalled.mock.calls).toEqual([[entry, 19_500]]);
    expect(listeners.onRecovered.mock.calls).toEqual([[entry, 500]]);
    expect(socket.destroy).not.toHaveBeenCalled();
  });

  test('over a unix socket has a local flow, whose peer cannot vanish', async () => {
    const { owner, clock, socket, readTcpStates } = await createReadyConnection();
    owner.expectation.mockReturnValue('answer');
    socket.localPort = undefined;
    await clock.advance(19_500);
    expect(readTcpStates.mock.calls).toEqual([[['local']]]);
  });

  test('is reported as a policy when its kernel state cannot be read', async () => {
    const { owner, clock, listeners, readTcpStates } = await createReadyConnection();
    readTcpStates.mockResolvedValue([{ kind: 'unreadable', why: 'ENOENT' }]);
    owner.expectation.mockReturnValue('answer');
    await clock.advance(19_500);
    expect(listeners.onOverride.mock.calls).toEqual([
      [expect.objectContaining({ option: '/proc/net/tcp', given: 'ENOENT', used: 'heartbeatDeadlineMs' })],
    ]);
    expect(listeners.onStale).toHaveBeenCalledOnce();
  });
});

test('a handshake of our client that is never answered is stale', async () => {
  const { owner, clock, listeners, connect } = createOwnedConnection();
  owner.expectation.mockReturnValue('answer');
  const socket = connect();
  await clock.advance(10_000);
  expect(listeners.onStale.mock.calls).toEqual([
    [expect.objectContaining({ state: 'connected' }), 'handshake', 10_000],
  ]);
  expect(socket.destroy).toHaveBeenCalledOnce();
});

describe('a library’s client', () => {
  test('is neither pinged nor destroyed by a deadline, however long it is silent', async () => {
    const { dial, clock, listeners, readTcpStates } = createConnectionHarness();
    const socket = dial();
    socket.up();
    [socket.bytesWritten, socket.bytesRead] = [40, 80];
    await clock.advance(600_000);
    expect(listeners.onStale).not.toHaveBeenCalled();
    expect(readTcpStates).toHaveBeenCalledOnce();
    expect(socket.destroy).not.toHaveBeenCalled();
  });

  test('is stale when the kernel resends its bytes in vain', async () => {
    const { dial, clock, listeners, readTcpStates } = createConnectionHarness();
    readTcpStates.mockImplementation(readAs('unacknowledged'));
    const socket = dial();
    socket.up();
    [socket.bytesWritten, socket.bytesRead] = [40, 80];
    await clock.advance(600_000);
    expect(listeners.onStale.mock.calls).toEqual([[expect.anything(), 'kernel', 19_500]]);
    expect(socket.destroy).toHaveBeenCalledOnce();
  });

  test('leaves no orphan, because its server was not asked for an identity', async () => {
    const { dial, connection, onOrphan } = createConnectionHarness();
    const ask = vi.fn(listNothing);
    const socket = dial();
    socket.up();
    socket.gone(new Error('cut'));
    dial().up();
    await connection.monitor?.onIdentified({ ...identity, clientId: 8 }, ask);
    expect([ask.mock.calls, onOrphan.mock.calls]).toEqual([[], []]);
  });
});

describe('a socket whose TCP keepalive probes were not answered', () => {
  test.each(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])('is stale: %s', async (code) => {
    const { clock, listeners, socket } = await createReadyConnection();
    await clock.advance(3_000);
    socket.gone(Object.assign(new Error(code), { code }));
    expect(listeners.onStale.mock.calls).toEqual([
      [expect.objectContaining({ name: facts.name }), 'keepalive', 3_000],
    ]);
  });

  test.each([undefined, 'ECONNRESET', 'EPIPE'])('is not one that has closed with %s', async (code) => {
    const { listeners, socket } = await createReadyConnection();
    socket.gone(code ? Object.assign(new Error(code), { code }) : undefined);
    expect(listeners.onStale).not.toHaveBeenCalled();
  });

  test('is not one that never came up', () => {
    const { listeners, dial } = createOwnedConnection();
    dial().gone(Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }));
    expect(listeners.onStale).not.toHaveBeenCalled();
  });
});

test('a stream that counts no bytes is not monitored, and may close in any way', async () => {
  const { dial, clock, owner, listeners } = createOwnedConnection();
  const socket = new FakeSocket();
  Object.assign(socket, { bytesRead: undefined });
  dial(socket).up();
  expect(clock.pendingTimers()).toBe(0);
  owner.expectation.mockReturnValue('answer');
  await clock.advance(100_000);
  socket.gone();
  expect(listeners.onStale).not.toHaveBeenCalled();
});
