import { expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { useFactory } from '../support/use-factory.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();
const orders = useFactory(redis);

test.each([
  ['a server without cluster support', () => redis.server.port, /cluster support disabled/],
  ['a dead port', () => 1, /ECONNREFUSED|Connection is closed/],
])(
  'a Cluster that cannot start at %s is reported with the reason, and not printed',
  async (_what, portOf, why) => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      const factory = orders.open();
      factory.cluster([{ host: '127.0.0.1', port: portOf() }]);
      const starts = () => orders.errors.filter(({ details }) => details['role'] === 'cluster');
      await eventually(() => expect(starts().length).toBeGreaterThan(1));
      expect(starts()[0]).toMatchObject({ code: 'HYG_CONNECT_FAILED', details: { role: 'cluster' } });
      expect(starts()[0]?.message).toMatch(why);
      await expect(factory.ready({ timeoutMs: 200 })).rejects.toMatchObject({
        code: 'HYG_NOT_READY',
        message: expect.stringMatching(why) as string,
      });
      const { targets } = await factory.health();
      expect(targets[0]?.reasons[0]).toMatchObject({
        code: 'cluster-not-ready',
        failure: { code: 'HYG_CONNECT_FAILED', message: expect.stringMatching(why) as string },
      });
      expect(print.mock.calls).toEqual([]);
    } finally {
      print.mockRestore();
    }
  },
);

test('an error listener of the Cluster still hears of it', async () => {
  const errors: Error[] = [];
  const cluster = orders.open().cluster([redis.server.url]);
  cluster.on('error', (error: Error) => errors.push(error));
  await eventually(() => expect(errors[0]?.message).toBe('Failed to refresh slots cache.'));
  expect(cluster.listenerCount('error')).toBe(1);
});
