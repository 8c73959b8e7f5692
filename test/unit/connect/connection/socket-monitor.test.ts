import { describe, expect, test, vi } from 'vitest';
import type { ReadTcpStates } from '../../../../src/liveness/tcp-state.js';
import type { Ask, ServerSideIdentity } from '../../../../src/liveness/server-side-identity.js';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { FakeSocket } from '../../../support/unit/connect/fake-socket.js';
import {
  createLinkBench,
  createOwner,
  type LinkBench,
} from '../../../support/unit/connect/managed-connection-harness.js';

const passport: ServerSideIdentity = {
  runId: 'a1',
  clientId: 7,
  name: facts.name,
  address: '10.0.0.1:50000',
  user: 'default',
  serverEnd: '10.0.0.2:6379',
};
/** The server knows the last connection no more. */
const nothingLeft: Ask = () => Promise.resolve('');

type Owned = LinkBench & {
  readonly owner: ReturnType<typeof createOwner>;
  readonly connect: () => FakeSocket;
};

/** A link whose client is ours. */
function owned(): Owned {
  const bench = createLinkBench();
  const owner = createOwner();
  bench.link.adopt(owner);
  const connect = () => {
    const socket = bench.dial();
    socket.up();
    return socket;
  };
  return { ...bench, owner, connect };
}

/** One whose handshake is done, and whose server has told how it knows it. */
async function ready(): Promise<Owned & { readonly socket: FakeSocket }> {
  const bench = owned();
  const socket = bench.connect();
  await bench.link.vitals?.introduced(passport, nothingLeft);
  bench.link.ready();
  return { ...bench, socket };
}

function kernelSays(kind: 'acknowledged' | 'unacknowledged'): ReadTcpStates {
  const testimony = kind === 'acknowledged' ? { kind } : { kind, bytes: 14, timesResent: 4 };
  return (flows) => Promise.resolve(flows.map(() => testimony));
}

describe('a silent connection of ours', () => {
  test('is pinged; without an answer it is stale, told with its entry, and its socket destroyed', async () => {
    const { owner, clock, told, socket, kernel } = await ready();
    owner.ping.mockImplementation(() => void owner.expects.mockReturnValue('answer'));
    await clock.advance(14_500);
    expect(owner.ping).toHaveBeenCalledOnce();
    await clock.advance(5_000);
    expect(told.onStale.mock.calls).toEqual([
      [expect.objectContaining({ ...facts, state: 'ready', localPort: 50_000 }), 'deadline', 19_500],
    ]);
    expect(socket.destroy).toHaveBeenCalledOnce();
    const ends = { localAddress: '127.0.0.1', remoteAddress: '127.0.0.1', remotePort: 6_379 };
    expect(kernel.mock.calls).toEqual([[[{ ...ends, localPort: 50_000 }]]]);
  });

  test('is not found a second time while its socket closes', async () => {
    const { owner, clock, told, socket } = await ready();
    owner.expects.mockReturnValue('answer');
    await clock.advance(100_000);
    socket.gone();
    expect(told.onStale).toHaveBeenCalledOnce();
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is not pinged where its client says that this would do harm', async () => {
    const { owner, clock, kernel } = await ready();
    owner.expects.mockReturnValue('data');
    await clock.advance(100_000);
    expect(owner.ping).not.toHaveBeenCalled();
    expect(kernel).not.toHaveBeenCalled();
  });

  test('is stalled and recovers, told with its entry', async () => {
    const { owner, clock, told, socket, kernel } = await ready();
    kernel.mockImplementation(kernelSays('acknowledged'));
    owner.expects.mockReturnValue('answer');
    await clock.advance(19_500);
    socket.bytesRead = 7;
    await clock.advance(500);
    const entry = expect.objectContaining({ name: facts.name, state: 'ready' });
    expect(told.onStalled.mock.calls).toEqual([[entry, 19_500]]);
    expect(told.onRecovered.mock.calls).toEqual([[entry, 500]]);
    expect(socket.destroy).not.toHaveBeenCalled();
  });

  test('over a unix socket has no peer that could vanish', async () => {
    const { owner, clock, socket, kernel } = await ready();
    owner.expects.mockReturnValue('answer');
    socket.localPort = undefined;
    await clock.advance(19_500);
    expect(kernel.mock.calls).toEqual([[['local']]]);
  });

  test('about which the kernel cannot be read is told as a policy', async () => {
    const { owner, clock, told, kernel } = await ready();
    kernel.mockResolvedValue([{ kind: 'unreadable', why: 'ENOENT' }]);
    owner.expects.mockReturnValue('answer');
    await clock.advance(19_500);
    expect(told.onOverride.mock.calls).toEqual([
      [expect.objectContaining({ option: '/proc/net/tcp', given: 'ENOENT', used: 'heartbeatDeadlineMs' })],
    ]);
    expect(told.onStale).toHaveBeenCalledOnce();
  });
});

test('a handshake of ours that is never answered is stale', async () => {
  const { owner, clock, told, connect } = owned();
  owner.expects.mockReturnValue('answer');
  const socket = connect();
  await clock.advance(10_000);
  expect(told.onStale.mock.calls).toEqual([
    [expect.objectContaining({ state: 'connected' }), 'handshake', 10_000],
  ]);
  expect(socket.destroy).toHaveBeenCalledOnce();
});

describe('a library’s client', () => {
  test('is neither pinged nor destroyed by a deadline, however long it is silent', async () => {
    const { dial, clock, told, kernel } = createLinkBench();
    const socket = dial();
    socket.up();
    [socket.bytesWritten, socket.bytesRead] = [40, 80];
    await clock.advance(600_000);
    expect(told.onStale).not.toHaveBeenCalled();
    expect(kernel).toHaveBeenCalledOnce();
    expect(socket.destroy).not.toHaveBeenCalled();
  });

  test('is stale where the kernel sends its bytes again', async () => {
    const { dial, clock, told, kernel } = createLinkBench();
    kernel.mockImplementation(kernelSays('unacknowledged'));
    const socket = dial();
    socket.up();
    [socket.bytesWritten, socket.bytesRead] = [40, 80];
    await clock.advance(600_000);
    expect(told.onStale.mock.calls).toEqual([[expect.anything(), 'kernel', 19_500]]);
    expect(socket.destroy).toHaveBeenCalledOnce();
  });

  test('leaves no orphan: its server was not asked', async () => {
    const { dial, link, onOrphan } = createLinkBench();
    const ask = vi.fn(nothingLeft);
    const socket = dial();
    socket.up();
    socket.gone(new Error('cut'));
    dial().up();
    await link.vitals?.introduced({ ...passport, clientId: 8 }, ask);
    expect([ask.mock.calls, onOrphan.mock.calls]).toEqual([[], []]);
  });
});

describe('a socket whose kernel got no answer to its probes', () => {
  test.each(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])('is stale: %s', async (code) => {
    const { clock, told, socket } = await ready();
    await clock.advance(3_000);
    socket.gone(Object.assign(new Error(code), { code }));
    expect(told.onStale.mock.calls).toEqual([
      [expect.objectContaining({ name: facts.name }), 'keepalive', 3_000],
    ]);
  });

  test.each([undefined, 'ECONNRESET', 'EPIPE'])('is not what has ended with %s', async (code) => {
    const { told, socket } = await ready();
    socket.gone(code ? Object.assign(new Error(code), { code }) : undefined);
    expect(told.onStale).not.toHaveBeenCalled();
  });

  test('is not one that never came up', () => {
    const { told, dial } = owned();
    dial().gone(Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }));
    expect(told.onStale).not.toHaveBeenCalled();
  });
});

test('a stream that counts no bytes is not watched, and may end as it likes', async () => {
  const { dial, clock, owner, told } = owned();
  const socket = new FakeSocket();
  Object.assign(socket, { bytesRead: undefined });
  dial(socket).up();
  expect(clock.pendingTimers()).toBe(0);
  owner.expects.mockReturnValue('answer');
  await clock.advance(100_000);
  socket.gone();
  expect(told.onStale).not.toHaveBeenCalled();
});
