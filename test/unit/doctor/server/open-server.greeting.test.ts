import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../src/core/clock.js';
import { listenForGreeting, type ServerGreeting } from '../../../../src/doctor/server/open-server.js';

/** The greeting of a server that handles each connection with `receive`. */
async function greetingOf(receive: (socket: Socket) => void, ms = 5_000): Promise<ServerGreeting> {
  const peers: Socket[] = [];
  const server = createServer((peer) => {
    peers.push(peer.on('error', () => undefined));
    receive(peer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return await listenForGreeting(socket, ms, systemClock);
  } finally {
    for (const one of [socket, ...peers]) one.destroy();
    server.close();
  }
}

test.each<[string, (socket: Socket) => void, ServerGreeting]>([
  [
    'refuses the connection',
    (peer) => peer.end('-ERR max number of clients reached\r\n'),
    { kind: 'refused', text: 'ERR max number of clients reached' },
  ],
  [
    'speaks another protocol',
    (peer) => peer.write('SSH-2.0-OpenSSH_9.2\r\nmore\r\n'),
    { kind: 'foreign', text: 'SSH-2.0-OpenSSH_9.2' },
  ],
  [
    'sends control characters and a long line',
    (peer) => peer.write(`\x1b[2J\xff${'x'.repeat(300)}`, 'latin1'),
    { kind: 'foreign', text: `?[2J?${'x'.repeat(195)}` },
  ],
  ['closes the connection', (peer) => peer.end(), { kind: 'closed' }],
  ['resets the connection', (peer) => void setTimeout(() => peer.resetAndDestroy(), 20), { kind: 'closed' }],
])('listenForGreeting hears a server that %s', async (_, receive, greeting) => {
  expect(await greetingOf(receive)).toEqual(greeting);
});

test('listenForGreeting reports a server that waits for a command as silent', async () => {
  expect(await greetingOf(() => undefined, 50)).toEqual({ kind: 'silent' });
});
