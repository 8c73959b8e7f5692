// Ordinary ioredis code, with the import changed. It is compiled against both majors.
import Redis, {
  Cluster,
  Command,
  Redis as NamedRedis,
  ReplyError,
  type ChainableCommander,
  type ClusterNode,
  type ClusterOptions,
  type RedisKey,
  type RedisOptions,
} from 'redis-hygiene/ioredis';
import { configure, defaultFactory } from 'redis-hygiene/ioredis';
import {
  createRedisFactory,
  installShutdownHooks,
  HygieneError,
  type ConnectionInfo,
  type Gap,
  type Subscriber,
} from 'redis-hygiene';

configure({ service: 'orders', connection: { host: 'localhost', keepAlive: 10_000 } });

const options: RedisOptions = {
  host: 'localhost',
  port: 6379,
  maxRetriesPerRequest: null,
  retryStrategy: () => null,
};
const client = new Redis(options);
const named: NamedRedis = new NamedRedis('redis://localhost');
const forms: Redis[] = [
  new Redis(),
  new Redis(6379),
  new Redis(6379, 'localhost', { db: 1 }),
  new Redis('/tmp/redis.sock'),
];

export class Cache extends Redis {
  constructor() {
    super({ keyPrefix: 'cache:', lazyConnect: true });
  }
  read(key: RedisKey): Promise<string | null> {
    return this.get(key);
  }
}

export async function work(): Promise<[error: Error | null, result: unknown][] | null> {
  const value: string | null = await client.get('key');
  const count: number = await named.incr('count');
  const chain: ChainableCommander = client
    .multi()
    .set('key', value ?? '')
    .incrby('count', count);
  client.on('error', (error: Error) => error.message);
  client.on('message', (channel: string, message: string) => channel + message);
  await client.call('PING');
  void new Command('get', ['key']);
  const copy: Redis = client.duplicate({ db: 2 });
  for await (const keys of client.scanStream({ match: 'a*' })) void (keys as string[]);
  await Promise.all([copy.quit(), ...forms.map((one) => one.quit())]);
  return chain.exec();
}

const nodes: ClusterNode[] = [{ host: 'localhost', port: 7000 }];
const clusterOptions: ClusterOptions = { scaleReads: 'slave', redisOptions: { password: 'secret' } };
export const cluster: Cluster = new Cluster(nodes, clusterOptions);
export const isReply = (error: unknown): boolean => error instanceof ReplyError;

const factory = createRedisFactory({ service: 'orders', connection: 'redis://localhost' });
export const clients: Redis[] = [
  factory.client(),
  factory.client(6379, 'localhost'),
  factory.client('redis://h', { db: 1 }),
];
export const entries: readonly ConnectionInfo[] = defaultFactory().connections();
factory.on('policy', ({ option, given, used }) => `${option}: ${String(given)} → ${String(used)}`);
factory.once('error', (error) => error instanceof HygieneError && error.code === 'HYG_AUTH_REFUSED');
factory.on('failover', ({ from, to, clients }) => `${from} → ${to}: ${clients}`);
export async function listen(): Promise<void> {
  const subscriber: Subscriber = factory.subscriber({ connection: 'redis://h', role: 'prices' });
  subscriber
    .on('gap', ({ channels, from, to }: Gap) => `${channels.join()} ${to - from}`)
    .on(
      'pmessageBuffer',
      (pattern, channel, message) => `${pattern} ${channel.byteLength + message.byteLength}`,
    );
  await subscriber.subscribe('a', ['b', 'c']);
  for await (const { channel, message } of subscriber.messages('a')) `${channel}: ${message.toUpperCase()}`;
  for await (const { message } of subscriber.messages(['p*'], { kind: 'pattern', encoding: 'buffer' }))
    message.readUInt8();
  // @ts-expect-error there is no such event
  subscriber.on('messages', () => undefined);
  await subscriber.close();
}
factory.on('closed', ({ reason, connection }) => `${reason} ${connection.name}`);
installShutdownHooks(factory, { signals: ['SIGTERM'], timeoutMs: 5_000, onReport: ({ forced }) => forced });

// @ts-expect-error: no such option
createRedisFactory({ conection: 'redis://localhost' });
// @ts-expect-error: no such event
factory.on('opend', () => undefined);
// @ts-expect-error: no such role in ioredis
new Redis({ role: 'leader' });
