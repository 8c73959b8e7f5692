import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Address } from './redis/index.js';

/**
 * A TCP proxy that can forget its sessions as a firewall does: what either side sends is dropped, and neither is
 * told that the other has gone. Bytes are acknowledged by the proxy, so to the client's kernel the peer is alive.
 */
export interface Firewall extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Forgets all present sessions. */
  forget(): void;
  /** Leads to another server from now on. */
  lead(to: Address): void;
  /** Sockets that clients have open now. One that has been closed may be counted still when the next one comes. */
  readonly open: number;
}

interface Session {
  readonly client: Socket;
  readonly server: Socket;
  isForgotten: boolean;
}

/** Passes on what one side sends and that it has closed, while the session is known. */
function pass(session: Session, from: Socket, to: Socket): void {
  from.on('data', (data) => void (session.isForgotten || to.write(data)));
  from.on('close', () => void (session.isForgotten || to.destroy()));
  from.on('error', () => undefined);
}

export async function startFirewall(to: Address): Promise<Firewall> {
  const sessions = new Set<Session>();
  let server = to;
  let open = 0;
  const proxy = createServer((client) => {
    const session: Session = { client, server: connect(server.port, server.host), isForgotten: false };
    sessions.add(session);
    pass(session, client, session.server);
    pass(session, session.server, client);
    open += 1;
    client.on('close', () => void (open -= 1));
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  const own = (proxy.address() as AddressInfo).port;
  return {
    port: own,
    url: `redis://127.0.0.1:${own}`,
    forget: () => sessions.forEach((session) => (session.isForgotten = true)),
    lead: (other) => void (server = other),
    get open() {
      return open;
    },
    [Symbol.asyncDispose]: () => {
      for (const { client, server } of sessions) [client, server].forEach((socket) => socket.destroy());
      return new Promise((resolve) => void proxy.close(() => resolve()));
    },
  };
}
