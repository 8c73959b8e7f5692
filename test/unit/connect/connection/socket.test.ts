import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { enableKeepAlive } from '../../../../src/connect/connection/socket.js';
import { turn } from '../../../support/unit/fake-clock.js';

test('the kernel probes after the idle time, then every 5 s, 3 times', async () => {
  const setKeepAlive = vi.fn<Socket['setKeepAlive']>();
  enableKeepAlive({ setKeepAlive }, 15_000);
  await turn();
  expect(setKeepAlive.mock.calls).toEqual([[true, 15_000, 5_000, 3]]);
});

test('it is said after ioredis has set its own in the same turn, which would undo it', async () => {
  const calls: number[] = [];
  const setKeepAlive = vi.fn((_enable?: boolean, idleMs?: number) => void calls.push(idleMs ?? 0));
  const socket = { setKeepAlive } as unknown as Socket;
  enableKeepAlive(socket, 15_000);
  socket.setKeepAlive(true, 1);
  expect(calls).toEqual([1]);
  await turn();
  expect(calls).toEqual([1, 15_000]);
});

test('a real socket takes it, also when it has been destroyed meanwhile', async () => {
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

test('a stream without it, of a caller’s own connector, is left as it is', () => {
  const nextTick = vi.spyOn(process, 'nextTick').mockReturnValue();
  enableKeepAlive({}, 15_000);
  expect(nextTick).not.toHaveBeenCalled();
  nextTick.mockRestore();
});
