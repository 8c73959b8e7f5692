import { Redis } from 'ioredis';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { printed, useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const PASSWORD = 'pool-password-1';
const redis = useRedis({ password: PASSWORD }, { password: PASSWORD });
const the = useFactory(redis);

interface Scripts {
  twice(word: string): Promise<string>;
}

describe('the client of a lease', () => {
  test('is an instance of Redis and can do all that ioredis can', async () => {
    const pool = the.open().pool({ max: 1 });
    await pool.use(async (client) => {
      expect(client).toBeInstanceOf(Redis);
      expect(client.status).toBe('ready');
      await client.mset({ a: 1, b: 2 });
      expect(await client.pipeline().get('a').get('b').exec()).toEqual([
        [null, '1'],
        [null, '2'],
      ]);
      expect(await client.multi([['get', 'a']]).exec()).toEqual([[null, '1']]);
      expect((await client.scanStream().toArray()).flat().sort()).toEqual(['a', 'b']);
      expect(await client.getBuffer('a')).toEqual(Buffer.from('1'));
      await client.multi({ pipeline: false });
      await client.get('a');
      expect(await client.exec()).toEqual([[null, '1']]);
      const callback = new Promise((resolve) => void client.get('b', (_, reply) => resolve(reply)));
      expect(await callback).toBe('2');
    });
    expect(pool.statistics()).toMatchObject({ created: 1, closed: { dirty: 0 } });
  });

  test('shares the scripts of its options, and keeps those that it defines to itself', async () => {
    const scripts = { twice: { numberOfKeys: 0, lua: 'return ARGV[1] .. ARGV[1]' } };
    const pool = the.open().pool({ max: 1, connection: { scripts } });
    await pool.use(async (client) => {
      const mine = client as Redis & Scripts;
      expect(await mine.twice('a')).toBe('aa');
      client.defineCommand('twice', { numberOfKeys: 0, lua: "return 'mine'" });
      client.defineCommand('mineOnly', { numberOfKeys: 0, lua: "return 'only'" });
      expect(await mine.twice('a')).toBe('mine');
      const pipeline = client.pipeline() as unknown as { mineOnly(): { exec(): Promise<unknown> } };
      expect(await pipeline.mineOnly().exec()).toEqual([[null, 'only']]);
    });
    await pool.use(async (client) => {
      expect(await (client as Redis & Scripts).twice('b')).toBe('bb');
      expect('mineOnly' in client).toBe(false);
      expect('mineOnly' in client.pipeline()).toBe(false);
    });
  });

  test('gets events until the lease ends, so listeners do not leak to the next borrower', async () => {
    const pool = the.open().pool({ max: 1 });
    const received: string[] = [];
    await pool.use(async (client) => {
      client.on('message', (_, message) => received.push(message)).once('end', () => received.push('end'));
      const message = once(client, 'message');
      await client.subscribe('news');
      await redis.admin.publish('news', 'one');
      await message;
    });
    await pool.use(async (client) => {
      expect(client.listenerCount('message')).toBe(0);
      expect(await redis.admin.publish('news', 'two')).toBe(0);
      await client.ping();
    });
    expect(received).toEqual(['one']);
  });

  test('removes its own listeners only, not those of the pool', async () => {
    const pool = the.open().pool({ max: 1 });
    await pool.use((client) => {
      client.on('select', () => undefined);
      client.removeAllListeners();
      expect(client.listenerCount('select')).toBe(0);
      client.disconnect();
    });
    // The pool noticed the end of the connection, so its listeners were not removed.
    expect(await pool.use((client) => client.ping())).toBe('PONG');
    expect(pool.statistics()).toMatchObject({ size: 1, created: 2 });
  });

  test('duplicates into a client of the factory that is independent of the pool', async () => {
    const factory = the.open();
    const pool = factory.pool({ max: 1 });
    const copy = await pool.use((client) => client.duplicate());
    expect(await copy.ping()).toBe('PONG');
    const [own, other] = factory.connections();
    expect(other?.parent).toBe(own?.id);
    await pool.close();
    expect(await copy.ping()).toBe('PONG');
    await copy.quit();
  });

  test('has duplicates that reconnect, also after the pool has closed', async () => {
    const pool = the.open().pool({ max: 1 });
    const copy = await pool.use((client) => client.duplicate());
    await pool.close();
    const id = await copy.client('ID');
    // CLIENT KILL may end in a reset. once() of node:events would reject with that error.
    copy.on('error', () => undefined);
    const again = new Promise((resolve) => copy.once('ready', resolve));
    await redis.admin.client('KILL', 'ID', id);
    await again;
    expect(await copy.ping()).toBe('PONG');
    copy.disconnect();
  });

  test('prints no password, and neither does its lease', async () => {
    const pool = the.open().pool({ max: 1 });
    const lease = await pool.acquire();
    const { client } = lease;
    const error: unknown = await lease
      .release()
      .then(() => client.get('a').catch((reason: unknown) => reason));
    const again = await pool.acquire();
    const text = printed(again, again.client, client, lease, error, pool, pool.statistics());
    expect(text).not.toContain(PASSWORD);
    expect(JSON.stringify(again)).toBe(`"Lease <${pool.name}, active>"`);
    await again.release();
  });
});
