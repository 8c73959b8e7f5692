import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Address } from '../redis/index.js';

/** Plain sockets, which send only what the test sends. */
export interface RawClients extends Disposable {
  readonly sockets: readonly Socket[];
}

async function open({ host, port }: Address, commands: readonly string[]): Promise<Socket> {
  const socket = connect({ host, port });
  await once(socket, 'connect');
  socket.on('error', () => undefined); // some tests expect the server to close it
  for (const command of commands) {
    socket.write(`${command}\r\n`);
    await once(socket, 'data');
  }
  return socket;
}

/** Opens sockets that each send these commands and wait for the replies. */
export async function openRaw(
  to: Address,
  count: number,
  ...commands: readonly string[]
): Promise<RawClients> {
  const sockets = await Promise.all(Array.from({ length: count }, () => open(to, commands)));
  return { sockets, [Symbol.dispose]: () => sockets.forEach((socket) => socket.destroy()) };
}
