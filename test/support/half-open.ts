import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Address } from './redis/index.js';
import { freePort } from './redis/port.js';

/**
 * Names connections and then closes them without a packet: the server keeps its halves, and the kernel of the client has
 * nothing. `TCP_REPAIR` (19) makes a close silent. Node cannot set it, and the kernel permits it to CAP_NET_ADMIN.
 *
 * The ports of the clients are none that Linux gives to outgoing connections: it would give them again, and a living socket
 * at the same local end keeps the doctor from saying that the client is gone.
 */
const SCRIPT = `
import socket, sys
host, port = sys.argv[1], int(sys.argv[2])
names, ports = sys.argv[3::2], map(int, sys.argv[4::2])
clients = [socket.create_connection((host, port), source_address=(host, local)) for local in ports]
for client, name in zip(clients, names):
    client.sendall(f'CLIENT SETNAME {name}\\r\\n'.encode())
    assert client.recv(100) == b'+OK\\r\\n'
for client in clients:
    client.setsockopt(socket.IPPROTO_TCP, 19, 1)
    client.close()
`;

/** Leaves half-open connections with these names on a server. Returns why that is not possible here, if it is not. */
export async function leaveHalfOpen(
  { host, port }: Address,
  names: readonly string[],
): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'TCP_REPAIR exists on Linux only';
  const clients: string[] = [];
  for (const name of names) clients.push(name, String(await freePort()));
  try {
    await promisify(execFile)('python3', ['-c', SCRIPT, host, String(port), ...clients]);
    return undefined;
  } catch (error) {
    const message = String(error);
    if (message.includes('ENOENT')) return 'python3 is not installed';
    if (message.includes('PermissionError')) return 'TCP_REPAIR needs CAP_NET_ADMIN';
    throw error;
  }
}
