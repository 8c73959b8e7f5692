import { afterEach, expect, test } from 'vitest';
import { openRaw, type RawClients } from '../../support/doctor/raw.js';
import { codesOf, findingsIn, later } from '../../support/doctor/run.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const open: RawClients[] = [];

afterEach(() => open.splice(0).forEach((clients) => clients[Symbol.dispose]()));

const openFleet = async () => {
  for (let host = 1; host <= 6; host += 1) {
    open.push(await openRaw(redis.server, 10, `CLIENT SETNAME orders@web-${host}`));
  }
};
const list = async () => (await redis.admin.client('LIST')) as string;

test('many owners that reconnect at once to a server that has been up for long are reported', async () => {
  open.push(await openRaw(redis.server, 5, 'CLIENT SETNAME cron'));
  await openFleet();
  const storm = later(await list(), 10_000, (line) => line.includes('name=cron '));
  expect((await findingsIn(storm)).map(({ code }) => code)).toEqual(['reconnect-storm']);
});

test('young connections after a server start, and older connections, are not reported', async () => {
  await openFleet();
  expect(await findingsIn(await list())).toEqual([]);
  expect((await findingsIn(later(await list(), 3_600))).map(({ code }) => code)).not.toContain(
    'reconnect-storm',
  );
  expect(await codesOf(redis.server.url)).toEqual([]);
});
