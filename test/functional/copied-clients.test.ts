import { Redis as Raw, type RedisOptions } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { connectionOf } from '../../src/connect/connectors/enforced-connector.js';
import { clientInternals } from '../../src/connect/ioredis/internals.js';
import type { PolicyEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

const copies: Raw[] = [];
afterEach(() => copies.splice(0).forEach((copy) => copy.disconnect()));

/** Subclass over the class of ioredis itself, whose duplicates no factory knows of. */
class Cache extends Raw {
  constructor(options: RedisOptions) {
    super(options as object);
  }
}
Object.defineProperty(Cache.prototype, 'duplicate', {
  value(this: Cache) {
    return new Cache(this.options);
  },
});

function keep<Client extends Raw>(copy: Client): Client {
  copies.push(copy);
  return copy;
}

function openFactory(): PolicyEvent[] {
  const events: PolicyEvent[] = [];
  orders.open().on('policy', (event) => void events.push(event));
  return events;
}

/** The name of a connection on the server, and its role in the ledger. */
async function nameAndRole(client: Raw): Promise<unknown[]> {
  const shown = await client.client('GETNAME');
  const { name, role } = connectionOf(clientInternals(client).connector)?.entry?.info() ?? {};
  return [shown, name, role];
}

const AS_LIBRARY = ['orders@web-1#library', 'orders@web-1#library', 'library'];

describe('a client that ioredis itself makes from the options of another one', () => {
  test.each<[string, RedisOptions, RedisOptions]>([
    ['a plain client', {}, {}],
    ['a plain client, dialled later', {}, { lazyConnect: true }],
    ['a client of a pool', { connectionName: 'pool' }, {}],
    ['a subscriber', { connectionName: 'subscriber' }, { lazyConnect: true }],
  ])('has the role library, because it gets no heartbeat: %s', async (_, options, override) => {
    const events = openFactory();
    const client = orders.factory.client(options);
    const name = await client.client('GETNAME');
    for (const copy of [1, 2].map(() => keep(new Raw({ ...client.options, ...override })))) {
      expect(await nameAndRole(copy)).toEqual(AS_LIBRARY);
      expect(copy.options.connectionName).toBe('orders@web-1#library');
    }
    expect(await client.client('GETNAME')).toBe(name);
    expect(events.filter(({ given }) => given === name)).toMatchObject([
      { option: 'connectionName', used: 'orders@web-1#library' },
    ]);
  });

  test('keeps its role when it dials again', async () => {
    openFactory();
    const copy = keep(new Raw(orders.factory.client().options));
    await copy.ping();
    clientInternals(copy).stream?.destroy();
    await eventually(() => expect(copy.status).not.toBe('ready'));
    expect(await nameAndRole(copy)).toEqual(AS_LIBRARY);
  });

  test('keeps a role that promises no heartbeat', async () => {
    const events = openFactory();
    const client = orders.factory.client({ connectionName: 'cache' });
    expect((await nameAndRole(keep(new Raw(client.options))))[0]).toBe('orders@web-1#cache');
    expect(events.filter(({ used }) => used !== 'orders@web-1#cache')).toEqual([]);
  });

  test('has the role library also if it was made from a lease or by a subclass', async () => {
    openFactory();
    await using pool = orders.factory.pool({ max: 1 });
    const lease = await pool.acquire();
    expect(await lease.client.client('GETNAME')).toBe('orders@web-1#pool');
    const copy = keep(new Cache(lease.client.options));
    expect(await nameAndRole(copy)).toEqual(AS_LIBRARY);
    expect(await nameAndRole(keep(copy.duplicate()))).toEqual(AS_LIBRARY);
    await lease.release();
  });
});

test('a duplicate that our own duplicate() makes keeps its role, also one of a lease', async () => {
  const events = openFactory();
  await using pool = orders.factory.pool({ max: 1 });
  const lease = await pool.acquire();
  for (const client of [orders.factory.client(), lease.client]) {
    const copy = keep(client.duplicate());
    expect(await copy.client('GETNAME')).toBe(await client.client('GETNAME'));
    expect(connectionOf(clientInternals(copy).connector)?.owner).toBeDefined();
  }
  await lease.release();
  expect(events).toEqual([]);
});
