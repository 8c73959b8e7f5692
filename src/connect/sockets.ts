import type { Socket } from 'node:net';
import type { SocketFacts, Work } from '../ledger/connection.js';

/** A socket whose client is unknown can be closed, but not asked. */
export const NOTHING_KNOWN: Work = { pending: 0, unsent: 0, blocked: false };

function isEncrypted(socket: Socket): boolean {
  return 'encrypted' in socket;
}

/** Runs `task` once TCP (and TLS) is up. A connector of the caller's own may bring a socket that is up already. */
export function whenUp(socket: Socket, task: () => void): void {
  if (socket.connecting) socket.once(isEncrypted(socket) ? 'secureConnect' : 'connect', task);
  else if (!socket.destroyed) task();
}

/** Destroys what is left of a socket. Resolves when it has closed; nothing where it has already. */
export function destroyed(socket: Socket | undefined): Promise<void> | undefined {
  if (!socket || socket.closed) return undefined;
  socket.destroy();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** A closed socket forgets its port: it is read while it is up. */
export function describeSocket(
  { bytesRead, bytesWritten }: Socket,
  localPort: number | undefined,
): SocketFacts {
  return { localPort, bytesRead, bytesWritten };
}
