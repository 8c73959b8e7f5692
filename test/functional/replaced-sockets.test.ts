import net from 'node:net';
import tls from 'node:tls';
import { afterEach, expect, test, vi } from 'vitest';
import { createFullServerProbe } from '../../src/connect/dial/full-server.js';
import { systemClock } from '../../src/core/clock.js';
import { eventually } from '../support/eventually.js';
import { answerAsOldServer, answerCommands, useFakeServer } from '../support/fake-server.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);
const startFake = useFakeServer();

afterEach(() => void vi.restoreAllMocks());

/** Replaces a function of Node by one that leads to the server of this test, as a proxy does. */
function replace(module: typeof net | typeof tls, name: 'connect' | 'createConnection') {
  const { Socket } = net;
  const leadToServer = () => new Socket().connect(redis.server.port, redis.server.host);
  return vi.spyOn(module as typeof net, name).mockImplementation(leadToServer);
}

const ELSEWHERE = { host: '192.0.2.1', port: 1 };

test.each(['connect', 'createConnection'] as const)(
  'net.%s() that was replaced while the process runs opens the sockets of clients, pools and subscribers',
  async (name) => {
    const factory = orders.open({ connection: ELSEWHERE });
    const opened = replace(net, name);
    expect(await factory.client().ping()).toBe('PONG');
    expect(await factory.pool({ max: 1 }).use((client) => client.ping())).toBe('PONG');
    await factory.subscriber().subscribe('news');
    expect(opened).toHaveBeenCalledTimes(3);
    expect(opened).toHaveBeenCalledWith(expect.objectContaining(ELSEWHERE));
  },
);

test('a socket that is destroyed while it is opened ends the dial with its error, as in ioredis', async () => {
  const { Socket } = net;
  vi.spyOn(net, 'createConnection').mockImplementation(() =>
    new Socket().destroy(new Error('no route today')),
  );
  const client = orders
    .open({ connection: ELSEWHERE })
    .client({ lazyConnect: true, retryStrategy: () => null });
  const events: unknown[] = [];
  client.on('error', (error: Error) => events.push(error.message));
  client.on('close', () => events.push('close'));
  await expect(client.connect()).rejects.toThrow('Connection is closed.');
  expect(events).toEqual(['no route today', 'close']);
});

test('tls.connect() that was replaced opens sockets with TLS', async () => {
  const factory = orders.open({ connection: { ...ELSEWHERE, tls: { servername: 'redis' } } });
  const opened = replace(tls, 'connect');
  const client = factory.client();
  const given = { ...ELSEWHERE, servername: 'redis' };
  await eventually(() => expect(opened).toHaveBeenCalledWith(expect.objectContaining(given)));
  client.disconnect();
});

test('a sentinel is asked, and its master dialled, over functions that were replaced', async () => {
  const sentinel = await startFake((socket) =>
    answerCommands(socket, (command) =>
      command.includes('get-master-addr-by-name')
        ? '*2\r\n$9\r\n192.0.2.1\r\n$1\r\n1\r\n'
        : answerAsOldServer(command),
    ),
  );
  const { Socket } = net;
  const opened = vi
    .spyOn(net, 'createConnection')
    .mockImplementation(((address: net.TcpNetConnectOpts) =>
      new Socket().connect(address.port === 1 ? redis.server : address)) as never);
  const factory = orders.open({ connection: { name: 'master', sentinels: [sentinel] } });
  expect(await factory.client({ failoverDetector: false }).ping()).toBe('PONG');
  expect(opened.mock.calls.map(([address]) => (address as unknown as net.TcpNetConnectOpts).port)).toEqual([
    sentinel.port,
    1,
  ]);
});

test('a full server is probed over a function that was replaced', async () => {
  const opened = replace(net, 'createConnection');
  expect(await createFullServerProbe(systemClock)(ELSEWHERE)).toBe('available');
  expect(opened).toHaveBeenCalledOnce();
});
