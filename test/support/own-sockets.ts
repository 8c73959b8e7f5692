import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** Sockets that this process has dialled (without TLS) since this was opened. */
export interface OwnSockets extends Disposable {
  /** Those that have not closed yet. */
  readonly open: ReadonlySet<Socket>;
  /** How many there were at most at any time. */
  readonly most: number;
}

/** Counts each socket from the moment it is made until it has closed, so that not even a moment is missed. */
export function watchOwnSockets(): OwnSockets {
  const open = new Set<Socket>();
  let most = 0;
  const enter = (message: unknown): void => {
    const { socket } = message as { socket: unknown };
    if (!(socket instanceof Socket)) return;
    open.add(socket);
    most = Math.max(most, open.size);
    socket.once('close', () => open.delete(socket));
  };
  subscribe('net.client.socket', enter);
  return {
    open,
    get most() {
      return most;
    },
    [Symbol.dispose]: () => void unsubscribe('net.client.socket', enter),
  };
}
