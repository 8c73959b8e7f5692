import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { createTcpStateReader, type FlowEnds } from '../../../src/liveness/tcp-state.js';

const NOT_LISTED = { kind: 'unreadable', why: 'the connection is not listed' };
const hasTables = existsSync('/proc/net/tcp') && existsSync('/proc/net/tcp6');
const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

const sockets = new Set<Socket>();
const servers = new Set<Server>();

async function pair(host: string): Promise<readonly [client: Socket, peer: Socket]> {
  const server = createServer({ pauseOnConnect: true }).listen(0, host);
  servers.add(server);
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, host);
  await once(client, 'connect');
  const [peer] = await accepted;
  [client, peer].forEach((socket) => sockets.add(socket.on('error', () => undefined)));
  return [client, peer];
}

function flowOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): FlowEnds {
  return { localAddress, localPort, remoteAddress, remotePort };
}

afterEach(() => {
  sockets.forEach((socket) => socket.destroy());
  servers.forEach((server) => server.close());
  [sockets, servers].forEach((all) => all.clear());
});

describe.skipIf(!hasTables)('the tables of this machine', () => {
  const hosts = ['127.0.0.1', ...(hasIPv6 ? ['::1', '::ffff:127.0.0.1'] : [])];

  test.each(hosts)('contain both ends of a connection to %s, and drop them when it closes', async (host) => {
    const readTcpStates = createTcpStateReader();
    const [client, peer] = await pair(host);
    const flows = [client, peer].map(flowOf);
    expect(await readTcpStates(flows)).toEqual([{ kind: 'acknowledged' }, { kind: 'acknowledged' }]);
    const closed = new Promise((resolve) => peer.resume().once('close', resolve));
    client.resetAndDestroy();
    await closed;
    expect(await readTcpStates(flows)).toEqual([NOT_LISTED, NOT_LISTED]);
  });

  test('show a peer that reads nothing as acknowledging', async () => {
    const [client] = await pair('127.0.0.1');
    client.write(Buffer.alloc(32 * 1024 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await createTcpStateReader()([flowOf(client)])).toEqual([{ kind: 'acknowledged' }]);
  });
});
