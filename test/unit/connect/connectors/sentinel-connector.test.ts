import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type SearchListener,
  type SentinelClient,
  defineSentinelConnector,
} from '../../../../src/connect/connectors/sentinel-connector.js';
import { loadIoredis } from '../../../../src/connect/ioredis/load-ioredis.js';
import { HygieneError } from '../../../../src/core/errors.js';

let server: Server;
const accepted: Socket[] = [];
const dialled: Socket[] = [];

beforeAll(async () => {
  server = createServer((socket) => void accepted.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => [...accepted.splice(0), ...dialled.splice(0)].forEach((socket) => socket.destroy()));
afterAll(() => server.close());

/** A connector without a ledger. `find` ends its search, with an error or with the test’s server. */
function createHarness(options: SentinelClient['options'] = {}) {
  const calls: string[] = [];
  const emitted: string[] = [];
  let joinCount = 0;
  let searchListener: SearchListener | undefined;
  let finishSearch: (error?: Error) => void = () => undefined;
  const { port } = server.address() as AddressInfo;
  const Connector = defineSentinelConnector(loadIoredis(), {
    join() {
      joinCount += 1;
      const record = (call: string) => () => void calls.push(call);
      return {
        locate(listener) {
          searchListener = listener;
          return new Promise((resolve, reject) => {
            finishSearch = (error) => (error ? reject(error) : resolve({ host: '127.0.0.1', port }));
          });
        },
        cancelSearch: record('cancelSearch'),
        onConnected: record('onConnected'),
        onRefused: record('onRefused'),
        onRoleConfirmed: record('onRoleConfirmed'),
        onWrongRole: record('onWrongRole'),
        leave: record('leave'),
      };
    },
  });
  const connector = new Connector({ role: 'master', disconnectTimeout: 100, ...options });
  const connect = () => connector.connect((type, error) => void emitted.push(`${type} ${error?.message}`));
  return {
    ...{ connector, connect, calls, emitted },
    joinCount: () => joinCount,
    listener: () => searchListener as SearchListener,
    find: (error?: Error) => finishSearch(error),
    /** Dials and waits until TCP is up. */
    async dial(): Promise<Socket> {
      const connecting = connect();
      finishSearch();
      const socket = await connecting;
      dialled.push(socket);
      await once(socket, 'connect');
      return socket;
    },
  };
}

describe('the connector', () => {
  test('dials the server that was found, and reports when it has accepted the connection', async () => {
    const { dial, calls, connector, joinCount } = createHarness();
    const socket = await dial();
    expect(connector.stream).toBe(socket);
    expect(socket).not.toHaveProperty('encrypted');
    expect(calls).toEqual(['onConnected', 'onRoleConfirmed']); // the role of a library’s client is not known
    (await dial()).destroy();
    expect(joinCount()).toBe(1);
  });

  test.for([
    [{ tls: {} }, false],
    [{ enableTLSForSentinelMode: true }, false],
    [{ tls: { rejectUnauthorized: false }, enableTLSForSentinelMode: true }, true],
  ] as const)('with %o: TLS is %s', async ([options, isEncrypted]) => {
    const { connect, find } = createHarness(options);
    const connecting = connect();
    find();
    const socket = await connecting;
    socket.on('error', () => undefined); // the server does not speak TLS
    dialled.push(socket);
    expect('encrypted' in socket).toBe(isEncrypted);
  });

  test('that is cancelled while it searches dials nothing, even if a server is found', async () => {
    const { connector, connect, find, calls } = createHarness();
    const connecting = connect();
    connector.disconnect();
    find();
    await expect(connecting).rejects.toThrow('Connection is closed.');
    expect(calls).toEqual(['cancelSearch']);
    expect(connector.stream).toBeFalsy();
  });

  test('passes on why a search fails, and the errors on the way', async () => {
    const { connect, find, listener, emitted } = createHarness();
    const connecting = connect();
    const error = new HygieneError('HYG_SENTINEL_UNREACHABLE', 'No.');
    listener().onSentinelError(error);
    listener().onRoundFailed(error);
    find(error);
    await expect(connecting).rejects.toBe(error);
    expect(emitted).toEqual([`sentinelError ${error.message}`, `error ${error.message}`]);
  });

  test('reports a server that refuses the connection, but not a dial that is cancelled', async () => {
    const { connect, find, calls, connector } = createHarness();
    for (const isCancelled of [false, true]) {
      const connecting = connect();
      find();
      const socket = await connecting;
      if (isCancelled) connector.disconnect();
      socket.destroy();
      await once(socket, 'close');
      expect(calls.filter((call) => call === 'onRefused')).toHaveLength(1);
    }
  });

  test('keeps the error of its socket for the client', async () => {
    const { dial, connector } = createHarness();
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
  ] as const)(
    'for a client with role %s that says %s has the right role: %s',
    async ([wanted, role, isRight]) => {
      const { dial, calls, connector } = createHarness({ role: wanted });
      await dial();
      calls.splice(0);
      expect(connector.check({ role })).toBe(isRight);
      expect(calls).toEqual([isRight ? 'onRoleConfirmed' : 'onWrongRole']);
    },
  );
});
