import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** Sockets without TLS that this process has opened since `watchOwnSockets()`. */
export interface OwnSockets extends Disposable {
  /** Sockets that have not closed yet. */
  readonly open: ReadonlySet<Socket>;
  /** Highest number of sockets that were open at the same time. */
  readonly maxOpen: number;
  /** Number of sockets that this process has destroyed before the server had closed its side. */
  readonly destroyed: number;
}

/** Counts each socket from its creation until its close. */
export function watchOwnSockets(): OwnSockets {
  const open = new Set<Socket>();
  let maxOpen = 0;
  let destroyed = 0;
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: unknown };
    if (!(socket instanceof Socket)) return;
    open.add(socket);
    maxOpen = Math.max(maxOpen, open.size);
    socket.once('close', () => {
      open.delete(socket);
      if (!socket.readableEnded && !socket.errored) destroyed += 1;
    });
  };
  subscribe('net.client.socket', onSocket);
  return {
    open,
    get maxOpen() {
      return maxOpen;
    },
    get destroyed() {
      return destroyed;
    },
    [Symbol.dispose]: () => void unsubscribe('net.client.socket', onSocket),
  };
}
