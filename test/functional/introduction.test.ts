import { expect, test } from 'vitest';
import type { Socket } from 'node:net';
import { eventually } from '../support/eventually.js';
import { answerCommands, useFakeServer } from '../support/fake-server.js';
import { inTime } from '../support/in-time.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const startFake = useFakeServer();

/** Options with which ioredis sends nothing that such a proxy does not know. */
const PLAIN = { protocol: 2, disableClientInfo: true, enableReadyCheck: false } as const;
const TIMEOUT_MS = 15_000;

/** A proxy that knows AUTH and GET, and closes a connection that sends anything else. */
function actAsProxy(socket: Socket): void {
  answerCommands(socket, (command) => {
    if (command.startsWith('auth')) return '+OK\r\n';
    if (command === 'get key') return '$5\r\nvalue\r\n';
    socket.destroy();
    return '';
  });
}

test.each([
  ['', {}],
  ['after AUTH', { password: 'secret' }],
  ['and whose commands are not sent again', { autoResendUnfulfilledCommands: false }],
])(
  'a proxy that closes connections at CLIENT %s is used without a name, which is reported once',
  async (_when, login) => {
    const fake = await startFake(actAsProxy);
    const client = orders.open({ connection: fake.url, reconnectCapMs: 100 }).client({ ...PLAIN, ...login });
    client.on('error', () => undefined);
    expect(await inTime('the answer', client.get('key'), TIMEOUT_MS)).toBe('value');
    const another = orders.factory.client({ ...PLAIN, ...login });
    another.on('error', () => undefined);
    expect(await inTime('the answer', another.get('key'), TIMEOUT_MS)).toBe('value');
    const refusals = orders.errors.filter(({ code }) => code === 'HYG_NAME_REFUSED');
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.message).toContain('closes connections in their handshake');
    expect(fake.accepted.filter((socket) => !socket.destroyed)).toHaveLength(2);
  },
);

test('a server that closes all connections for a while gets its name as soon as it answers', async () => {
  const isUp = { value: false };
  const sent: string[] = [];
  const fake = await startFake((socket) => {
    if (isUp.value) {
      answerCommands(socket, (command) => (command === 'get key' ? '$-1\r\n' : '+OK\r\n'));
      socket.on('data', (data) => sent.push(data.toString()));
      return;
    }
    socket.once('data', (data) => {
      isUp.value = !data.includes('setname'); // the first connection without a name is the last one that is closed
      socket.destroy();
    });
  });
  const client = orders.open({ connection: fake.url, reconnectCapMs: 100 }).client({ ...PLAIN });
  client.on('error', () => undefined);
  expect(await inTime('the answer', client.get('key'), TIMEOUT_MS)).toBeNull();
  expect(orders.errors.filter(({ message }) => message.includes('in their handshake'))).toEqual([]);
  expect(sent.join('')).toContain('setname');
  client.disconnect();
});

test('a server that has taken a name keeps getting it, also after some connections that broke in their handshake', async () => {
  const fate = { toBreak: 0 };
  const fake = await startFake((socket) => {
    const isBroken = fate.toBreak > 0;
    if (isBroken) fate.toBreak -= 1;
    answerCommands(socket, (command) => {
      sent.push(command);
      if (isBroken && command === 'client info') socket.destroy();
      return command === 'get key' ? '$-1\r\n' : '+OK\r\n';
    });
  });
  const sent: string[] = [];
  const client = orders.open({ connection: fake.url, reconnectCapMs: 100 }).client({ ...PLAIN });
  client.on('error', () => undefined);
  await client.get('key');
  fate.toBreak = 3;
  fake.accepted[0]?.destroy();
  await eventually(() => expect(fate.toBreak).toBe(0), TIMEOUT_MS);
  sent.length = 0;
  expect(await inTime('the answer', client.get('key'), TIMEOUT_MS)).toBeNull();
  expect(sent).toContainEqual(expect.stringContaining('client setname'));
  client.disconnect();
});
