import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRow } from '../rows.js';
import type { Random } from './random.js';

type Fields = Partial<ClientRow>;

const COMMANDS = ['get', 'set', 'hgetall', 'incr', 'setex', 'mget', 'evalsha', 'expire', 'zadd', 'lpush'];
const HOUR = 3600;
const DAY = 24 * HOUR;

const many = (count: number, fieldsOf: (index: number) => Fields) =>
  Array.from({ length: count }, (_, index) => clientRow(fieldsOf(index)));

/** A connection that was in use for a while, and then became idle. */
function usedRow(random: Random, maxAge: number, maxIdle: number): Fields {
  const age = random.whole(10, maxAge);
  return { age, idle: random.whole(0, Math.min(maxIdle, age - 5)), cmd: random.pick(COMMANDS) };
}

/** Pools that keep idle connections for hours, some of which they have never used: Jedis. */
function jedis(random: Random, ip: string): ClientRow[] {
  const startedAt = random.whole(HOUR, 9 * DAY);
  return [
    ...many(random.whole(1, 128), () => ({ ip, libName: 'jedis', ...usedRow(random, startedAt, 8 * HOUR) })),
    ...many(random.whole(0, 40), () => ({
      ip,
      libName: 'jedis',
      age: startedAt,
      idle: startedAt,
      cmd: 'ping',
    })),
  ];
}

/** A pool of 10 connections per core, which closes those that were idle for 30 minutes: go-redis. */
function goRedis(random: Random, ip: string): ClientRow[] {
  const size = 10 * random.pick([1, 2, 4, 8, 16]);
  return many(size, () => ({
    ip,
    libName: 'go-redis(,go1.22.1)',
    cmd: 'get',
    ...usedRow(random, DAY, HOUR / 2),
  }));
}

/** One connection for each thread that was busy at once, kept for ever: redis-py. */
function redisPy(random: Random, ip: string): ClientRow[] {
  const startedAt = random.whole(HOUR, 9 * DAY);
  return [
    ...many(random.whole(1, 60), () => ({ ip, libName: 'redis-py', ...usedRow(random, startedAt, DAY) })),
    ...many(random.whole(0, 30), () => ({ ip, libName: 'redis-py', age: startedAt, idle: startedAt - 1 })),
  ];
}

/** One connection for all threads, and one for Pub/Sub: Lettuce. */
function lettuce(random: Random, ip: string): ClientRow[] {
  return many(random.whole(1, 6), (index) =>
    index === 0
      ? {
          ip,
          libName: 'Lettuce',
          flags: 'P',
          sub: 2,
          cmd: 'subscribe',
          age: 2 * DAY,
          idle: random.whole(0, DAY),
        }
      : { ip, libName: 'Lettuce', ...usedRow(random, 2 * DAY, HOUR) },
  );
}

/** Two connections for each multiplexer, kept alive by PING: StackExchange.Redis. */
function stackExchange(random: Random, ip: string, host: string): ClientRow[] {
  const name = `${host}(SE.Redis-v2.7.33.41805)`;
  return many(random.whole(1, 10), () => ({
    ip,
    name,
    age: 3 * DAY,
    idle: random.whole(0, 60),
    cmd: 'ping',
  })).flatMap((row) => [row, { ...row, flags: 'P', sub: 1, idle: random.whole(0, 60) }]);
}

/** A connection for each worker process, opened by its first request: php-fpm with pconnect(). */
function phpFpm(random: Random, ip: string): ClientRow[] {
  const startedAt = random.whole(HOUR, 3 * DAY);
  return many(random.whole(5, 400), () => ({ ip, ...usedRow(random, startedAt, 8 * HOUR) }));
}

/** Workers that wait for jobs, and a pool for what the jobs do: Sidekiq. */
function sidekiq(random: Random, ip: string): ClientRow[] {
  const name = random.pick(['', 'sidekiq', `Sidekiq-server-PID-${random.whole(1, 40)}`]);
  const processes = random.whole(1, 8);
  return [
    ...many(processes * random.whole(1, 25), () => ({
      ...{ ip, name, flags: 'b', cmd: 'brpop', age: random.whole(HOUR, DAY), idle: random.whole(0, 2) },
    })),
    ...many(processes * 5, () => ({ ip, name, ...usedRow(random, DAY, HOUR) })),
  ];
}

/** Queues and workers that wait for at most ten seconds: BullMQ. */
function bullmq(random: Random, ip: string): ClientRow[] {
  return Array.from({ length: random.whole(1, 60) }, (_, index) => {
    const name = `bull:${Buffer.from(`queue-${index}`).toString('base64')}`;
    return [
      clientRow({ ip, name, age: DAY, idle: random.whole(0, DAY), cmd: 'info' }),
      clientRow({ ip, name: `${name}:w:mail`, age: DAY, idle: random.whole(0, DAY), cmd: 'client|setname' }),
      clientRow({ ip, name, age: DAY, idle: random.whole(0, 10), cmd: 'bzpopmin', flags: 'b' }),
    ];
  }).flat();
}

/** Listeners to events of keys, on a database that has none for days. */
function keyspaceListeners(random: Random, ip: string): ClientRow[] {
  const name = random.pick(['', 'expiry-listener']);
  return many(random.whole(1, 8), () => {
    const age = random.whole(HOUR, 9 * DAY);
    return { ip, name, flags: 'P', psub: 1, cmd: 'psubscribe', age, idle: random.whole(0, age) };
  });
}

/** Services with redis-hygiene at night: nothing but heartbeats. */
function hygienic(random: Random, ip: string, host: string): ClientRow[] {
  const service = random.pick(['orders', 'billing', 'search']);
  const processes = random.whole(1, 8);
  const row = (role: string, fields: Fields = {}) =>
    clientRow({
      ip,
      name: `${service}@${host}${role}`,
      age: random.whole(HOUR, DAY),
      idle: random.whole(0, 17),
      cmd: 'ping',
      ...fields,
    });
  return Array.from({ length: processes }, () => [
    ...Array.from({ length: random.whole(1, 3) }, () => row('')),
    ...Array.from({ length: random.whole(0, 10) }, () => row('#pool')),
    row('#subscriber', { flags: 'P', sub: 2 }),
    ...Array.from({ length: random.whole(0, 4) }, () => {
      const age = random.whole(HOUR, DAY);
      return row('#blocking', { flags: 'b', cmd: 'blpop', age, idle: random.whole(0, age) });
    }),
  ]).flat();
}

/** A pool of which 24 connections are kept alive by PING in 30 s: Redisson. */
function redisson(random: Random, ip: string): ClientRow[] {
  return many(24 * random.whole(1, 3), () => ({ ip, age: DAY, idle: random.whole(0, 30), cmd: 'ping' }));
}

const kinds = [
  ...[jedis, goRedis, redisPy, lettuce, stackExchange, phpFpm, sidekiq, bullmq, keyspaceListeners],
  ...[hygienic, redisson],
];

/** Some healthy clients on hosts of their own, or all behind the address of a mesh. */
export function randomHealthyRows(random: Random, hosts: number): ClientRow[] {
  const isMesh = random.chance(0.15);
  return Array.from({ length: hosts }, (_, index) => {
    const ip = isMesh ? '127.0.0.6' : `10.1.${index >> 8}.${(index & 255) + 1}`;
    return random.pick(kinds)(random, ip, `web-${index}`);
  }).flat();
}
