import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { destroyAndAwaitClose, enableKeepAlive } from '../../../../src/connect/connection/socket.js';
import { FakeSocket } from '../../../support/unit/connect/fake-socket.js';
import { turn } from '../../../support/unit/fake-clock.js';

test('the kernel probes after the idle time, then every 5 s, 3 times', async () => {
  const setKeepAlive = vi.fn<Socket['setKeepAlive']>();
  enableKeepAlive({ setKeepAlive }, 15_000);
  await turn();
  expect(setKeepAlive.mock.calls).toEqual([[true, 15_000, 5_000, 3]]);
});

test('keepalive is set after ioredis has set its own in the same turn, which would reset it', async () => {
  const calls: number[] = [];
  const setKeepAlive = vi.fn((_enable?: boolean, idleMs?: number) => void calls.push(idleMs ?? 0));
  const socket = { setKeepAlive } as unknown as Socket;
  enableKeepAlive(socket, 15_000);
  socket.setKeepAlive(true, 1);
  expect(calls).toEqual([1]);
  await turn();
  expect(calls).toEqual([1, 15_000]);
});

test('a real socket accepts the keepalive settings, also when it was destroyed meanwhile', async () => {
  const server = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  enableKeepAlive(socket, 15_000);
  await turn();
  enableKeepAlive(socket, 15_000);
  socket.destroy();
  await turn();
  server.close();
  await once(server, 'close');
  expect(socket.destroyed).toBe(true);
});

test('a stream without setKeepAlive, of an application’s own connector, is left unchanged', () => {
  const nextTick = vi.spyOn(process, 'nextTick').mockReturnValue();
  enableKeepAlive({}, 15_000);
  expect(nextTick).not.toHaveBeenCalled();
  nextTick.mockRestore();
});

test('a socket that many dials wait for has one close listener, and all waits end with its close', async () => {
  const socket = new FakeSocket();
  let closed = 0;
  for (let dial = 0; dial < 12; dial += 1)
    void destroyAndAwaitClose(socket.asSocket())?.then(() => (closed += 1));
  expect(socket.listenerCount('close')).toBe(1);
  socket.emit('close');
  await turn();
  expect(closed).toBe(12);
});
