import net, { type NetConnectOpts, type Socket } from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';

const { connect: plainConnect } = net;

/**
 * Opens a socket, with TLS if there are options for it. The functions of Node are called as properties of their modules, as
 * ioredis does, because proxies, tracing libraries and tests replace them there while the process runs.
 */
export function openSocket(address: NetConnectOpts, tlsOptions?: ConnectionOptions | null): Socket {
  if (tlsOptions) return tls.connect({ ...address, ...tlsOptions } as ConnectionOptions);
  // Both names mean the same function. One of them may have been replaced alone.
  return net.createConnection === plainConnect ? net.connect(address) : net.createConnection(address);
}
