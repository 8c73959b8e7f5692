import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Address } from './redis/index.js';

/** A server, or the path of its unix socket. */
type FirewallTarget = Address | { readonly path: string };

/**
 * A TCP proxy that can forget its sessions as a firewall does. It then drops all data of both sides, and neither side
 * notices when the other one closes. The proxy still acknowledges bytes, so to the client's kernel the peer is alive.
 */
export interface Firewall extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Forgets all current sessions. */
  forget(): void;
  /** Forwards new sessions to another server. */
  redirect(to: FirewallTarget): void;
  /** Number of open client sockets. A socket that was just closed may still be counted when the next one is accepted. */
  readonly open: number;
}

interface Session {
  readonly client: Socket;
  readonly server: Socket;
  isForgotten: boolean;
}

/** Forwards the data of one side and its close, unless the session is forgotten. */
function forward(session: Session, from: Socket, to: Socket): void {
  from.on('data', (data) => void (session.isForgotten || to.write(data)));
  from.on('close', () => void (session.isForgotten || to.destroy()));
  from.on('error', () => undefined);
}

function dial(to: FirewallTarget): Socket {
  return 'path' in to ? connect(to.path) : connect(to.port, to.host);
}

export async function startFirewall(to: FirewallTarget): Promise<Firewall> {
  const sessions = new Set<Session>();
  let server = to;
  let open = 0;
  const proxy = createServer((client) => {
    const session: Session = { client, server: dial(server), isForgotten: false };
    sessions.add(session);
    forward(session, client, session.server);
    forward(session, session.server, client);
    open += 1;
    client.on('close', () => void (open -= 1));
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    forget: () => sessions.forEach((session) => (session.isForgotten = true)),
    redirect: (other) => void (server = other),
    get open() {
      return open;
    },
    [Symbol.asyncDispose]: () => {
      for (const { client, server } of sessions) [client, server].forEach((socket) => socket.destroy());
      return new Promise((resolve) => void proxy.close(() => resolve()));
    },
  };
}
