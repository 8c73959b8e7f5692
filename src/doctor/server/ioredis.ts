import type * as Ioredis from 'ioredis';
import type { Redis, RedisOptions } from 'ioredis';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { HygieneError } from '../../core/errors.js';

const require = createRequire(import.meta.url);

/** Loaded only when a server is asked: a file is read without it. */
function load(): typeof Ioredis {
  try {
    return require('ioredis') as typeof Ioredis;
  } catch (cause) {
    throw new HygieneError(
      'HYG_IOREDIS_MISSING',
      'Servers are asked through ioredis, which cannot be loaded.',
      {
        cause,
      },
    );
  }
}

/** Gives ioredis the socket that is already there. */
function given(socket: Socket) {
  return class GivenSocket {
    readonly firstError = undefined;
    check(): boolean {
      return true;
    }
    connect(): Promise<Socket> {
      return Promise.resolve(socket);
    }
    disconnect(): void {
      socket.destroy(); // nothing is unsent, and a server that says nothing would not end it either
    }
  };
}

/** Nothing is asked that nobody wants to know, nothing is sent twice, and nothing is dialled again. */
const options = {
  lazyConnect: true,
  enableReadyCheck: false,
  disableClientInfo: true,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  reconnectOnError: null,
  protocol: 2,
} satisfies RedisOptions & { protocol?: 2 };

/** A client that speaks over an open socket, once. */
export async function speakOver(socket: Socket, commandTimeoutMs: number): Promise<Redis> {
  const { Redis: Client } = load();
  const Connector = given(socket) as unknown as NonNullable<RedisOptions['Connector']>;
  const client = new Client({ ...options, commandTimeout: commandTimeoutMs, Connector });
  client.on('error', () => undefined); // commands are rejected with it
  await client.connect();
  return client;
}
