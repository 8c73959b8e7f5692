import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Address } from './redis/index.js';

/**
 * A TCP proxy that gives a connection to the server to another client, once it has forgotten the client that used it. The
 * server notices nothing: the id and the address in CLIENT LIST stay the same.
 */
export interface SharingProxy extends AsyncDisposable {
  readonly url: string;
  /** Forgets the present clients without closing their sockets. The next clients get their connections to the server. */
  forget(): void;
}

export async function startSharingProxy({ port: serverPort, host }: Address): Promise<SharingProxy> {
  const clients = new Set<Socket>();
  const free: Socket[] = [];
  /** The client that uses each connection to the server. */
  const users = new Map<Socket, Socket>();

  const proxy = createServer((client) => {
    clients.add(client);
    client.on('error', () => undefined);
    const server = free.shift() ?? connect(serverPort, host);
    users.set(server, client);
    server.removeAllListeners('data').on('error', () => undefined);
    server.on('data', (data) => void users.get(server)?.write(data));
    client.on('data', (data) => void (users.get(server) === client && server.write(data)));
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));

  return {
    url: `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    forget() {
      free.push(...users.keys());
      users.clear();
    },
    [Symbol.asyncDispose]() {
      for (const socket of [...clients, ...users.keys(), ...free]) socket.destroy();
      return new Promise((resolve) => void proxy.close(() => resolve()));
    },
  };
}
