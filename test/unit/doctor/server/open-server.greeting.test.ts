import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../src/core/clock.js';
import { listen, type ServerGreeting } from '../../../../src/doctor/server/open-server.js';

/** What is heard of a server that receives each connection like this. */
async function heard(receive: (socket: Socket) => void, ms = 5_000): Promise<ServerGreeting> {
  const peers: Socket[] = [];
  const server = createServer((peer) => {
    peers.push(peer.on('error', () => undefined));
    receive(peer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return await listen(socket, ms, systemClock);
  } finally {
    for (const one of [socket, ...peers]) one.destroy();
    server.close();
  }
}

test.each<[string, (socket: Socket) => void, ServerGreeting]>([
  [
    'refuses',
    (peer) => peer.end('-ERR max number of clients reached\r\n'),
    { kind: 'refused', text: 'ERR max number of clients reached' },
  ],
  [
    'speaks another language',
    (peer) => peer.write('SSH-2.0-OpenSSH_9.2\r\nmore\r\n'),
    { kind: 'foreign', text: 'SSH-2.0-OpenSSH_9.2' },
  ],
  [
    'sends what no terminal should get',
    (peer) => peer.write(`\x1b[2J\xff${'x'.repeat(300)}`, 'latin1'),
    { kind: 'foreign', text: `?[2J?${'x'.repeat(195)}` },
  ],
  ['hangs up', (peer) => peer.end(), { kind: 'closed' }],
  ['resets the connection', (peer) => void setTimeout(() => peer.resetAndDestroy(), 20), { kind: 'closed' }],
])('a server that %s', async (_, receive, welcome) => {
  expect(await heard(receive)).toEqual(welcome);
});

test('a server that waits for a command', async () => {
  expect(await heard(() => undefined, 50)).toEqual({ kind: 'silent' });
});
