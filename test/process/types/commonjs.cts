// The same from CommonJS, as TypeScript writes it there.
import Redis, { Cluster, type RedisOptions } from 'redis-hygiene/ioredis';

const options: RedisOptions = { host: 'localhost', lazyConnect: true };
export const client: Redis = new Redis(options);
export const cluster = new Cluster([{ host: 'localhost', port: 7000 }], { lazyConnect: true });
export const reply: Promise<string | null> = client.get('key');
