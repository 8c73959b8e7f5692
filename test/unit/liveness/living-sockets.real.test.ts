import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { formatHostPort } from '../../../src/core/tcp-address.js';
import { createLivingSocketFinder } from '../../../src/liveness/living-sockets.js';

test.skipIf(!existsSync('/proc/net/tcp'))(
  'on this machine an open socket lives, and one that was destroyed does not, although its peer is still open',
  async () => {
    const find = createLivingSocketFinder();
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    const [peer] = (await once(server, 'connection')) as [Socket];
    const { localAddress = '', localPort = 0 } = client;
    const pair = {
      local: formatHostPort(localAddress, localPort),
      remote: formatHostPort('127.0.0.1', port),
    };
    expect(await find([pair, { ...pair, local: '127.0.0.1:1' }])).toEqual([true, false]);
    client.destroy();
    await once(client, 'close');
    expect(await find([pair])).toEqual([false]);
    peer.destroy();
    server.close();
  },
);
