import { afterEach, describe, expect, test } from 'vitest';
import { openRaw, type RawClients } from '../../support/doctor/raw.js';
import { codesOf, findingsIn, findingsOf, later } from '../../support/doctor/run.js';
import { eventually } from '../../support/eventually.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const open: RawClients[] = [];

afterEach(() => open.splice(0).forEach((clients) => clients[Symbol.dispose]()));

const MESSAGE = 'x'.repeat(1_000_000);

describe('output-buffers', () => {
  async function subscribe() {
    const [socket] = (open[open.push(await openRaw(redis.server, 1, 'SUBSCRIBE news')) - 1] as RawClients)
      .sockets;
    return socket;
  }
  const publish = async (times: number) => {
    for (let time = 0; time < times; time += 1) await redis.admin.publish('news', MESSAGE);
  };

  test('a subscriber that does not read is reported', async () => {
    const socket = await subscribe();
    socket?.pause();
    // Some megabytes wait in the kernels’ buffers, which do not count.
    await eventually(async () => {
      await publish(1);
      const found = await findingsOf(redis.server.url);
      expect(found).toMatchObject([{ code: 'output-buffers', severity: 'warning' }]);
      expect(Number(found[0]?.evidence.bytes)).toBeGreaterThanOrEqual(4 * 1024 ** 2);
    }, 15_000);
  });

  test('a subscriber that reads is not reported', async () => {
    (await subscribe())?.resume();
    await publish(20);
    expect(await codesOf(redis.server.url)).toEqual([]);
  });
});

describe('monitor-left-open', () => {
  const list = async () => (await redis.admin.client('LIST')) as string;

  test('is reported after ten minutes, and not before', async () => {
    open.push(await openRaw(redis.server, 1, 'MONITOR'));
    const now = await list();
    expect(await findingsIn(now)).toEqual([]);
    expect(await codesOf(redis.server.url)).toEqual([]);
    const found = await findingsIn(later(now, 600, (line) => line.includes('flags=O')));
    expect(found).toMatchObject([{ code: 'monitor-left-open', evidence: { connections: 1 } }]);
  });
});
