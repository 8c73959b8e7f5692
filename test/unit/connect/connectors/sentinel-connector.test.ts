import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type SearchListener,
  type SentinelClient,
  sentinelConnector,
} from '../../../../src/connect/connectors/sentinel-connector.js';
import { ioredis } from '../../../../src/connect/ioredis/load-ioredis.js';
import { HygieneError } from '../../../../src/core/errors.js';

let server: Server;
const taken: Socket[] = [];
const dialled: Socket[] = [];

beforeAll(async () => {
  server = createServer((socket) => void taken.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => [...taken.splice(0), ...dialled.splice(0)].forEach((socket) => socket.destroy()));
afterAll(() => server.close());

/** A connector without a ledger, whose server is found when the test says so. */
function createBench(options: SentinelClient['options'] = {}) {
  const calls: string[] = [];
  const emitted: string[] = [];
  let clients = 0;
  let tell: SearchListener | undefined;
  let found: (error?: Error) => void = () => undefined;
  const { port } = server.address() as AddressInfo;
  const Connector = sentinelConnector(ioredis(), {
    join() {
      clients += 1;
      const note = (call: string) => () => void calls.push(call);
      return {
        locate(listener) {
          tell = listener;
          return new Promise((resolve, reject) => {
            found = (error) => (error ? reject(error) : resolve({ host: '127.0.0.1', port }));
          });
        },
        callOff: note('callOff'),
        reached: note('reached'),
        arrived: note('arrived'),
        misled: note('misled'),
        leave: note('leave'),
      };
    },
  });
  const connector = new Connector({ role: 'master', disconnectTimeout: 100, ...options });
  const connect = () => connector.connect((type, error) => void emitted.push(`${type} ${error.message}`));
  return {
    ...{ connector, connect, calls, emitted },
    clients: () => clients,
    listener: () => tell as SearchListener,
    find: (error?: Error) => found(error),
    /** Dials and waits until TCP is up. */
    async dial(): Promise<Socket> {
      const connecting = connect();
      found();
      const socket = await connecting;
      dialled.push(socket);
      await once(socket, 'connect');
      return socket;
    },
  };
}

describe('the connector', () => {
  test('dials what was found, and says when that takes the connection', async () => {
    const { dial, calls, connector, clients } = createBench();
    const socket = await dial();
    expect(connector.stream).toBe(socket);
    expect(socket).not.toHaveProperty('encrypted');
    expect(calls).toEqual(['reached', 'arrived']); // a client that is not known
    (await dial()).destroy();
    expect(clients()).toBe(1);
  });

  test.for([
    [{ tls: {} }, false],
    [{ enableTLSForSentinelMode: true }, false],
    [{ tls: { rejectUnauthorized: false }, enableTLSForSentinelMode: true }, true],
  ] as const)('with %o: TLS is %s', async ([options, isEncrypted]) => {
    const { connect, find } = createBench(options);
    const connecting = connect();
    find();
    const socket = await connecting;
    socket.on('error', () => undefined); // nobody speaks TLS there
    dialled.push(socket);
    expect('encrypted' in socket).toBe(isEncrypted);
  });

  test('that is called off while it searches dials nothing, though a server is found', async () => {
    const { connector, connect, find, calls } = createBench();
    const connecting = connect();
    connector.disconnect();
    find();
    await expect(connecting).rejects.toThrow('Connection is closed.');
    expect(calls).toEqual(['callOff']);
    expect(connector.stream).toBeFalsy();
  });

  test('passes on why a search fails, and what happens on the way', async () => {
    const { connect, find, listener, emitted } = createBench();
    const connecting = connect();
    const error = new HygieneError('HYG_SENTINEL_UNREACHABLE', 'No.');
    listener().onSentinelError(error);
    listener().onRound(error);
    find(error);
    await expect(connecting).rejects.toBe(error);
    expect(emitted).toEqual([`sentinelError ${error.message}`, `error ${error.message}`]);
  });

  test('keeps the error of its socket for the client', async () => {
    const { dial, connector } = createBench();
    const socket = await dial();
    const error = new Error('reset');
    socket.destroy(error);
    await once(socket, 'close').catch(() => undefined);
    expect(connector.firstError).toBe(error);
  });
});

describe('a server', () => {
  test.for([
    ['master', 'master', true],
    ['master', 'slave', false],
    ['slave', 'slave', true],
    ['slave', 'master', false],
    ['master', undefined, true],
  ] as const)('for a client with role %s that says %s is right: %s', async ([wanted, role, isRight]) => {
    const { dial, calls, connector } = createBench({ role: wanted });
    await dial();
    calls.splice(0);
    expect(connector.check({ role })).toBe(isRight);
    expect(calls).toEqual([isRight ? 'arrived' : 'misled']);
  });
});
