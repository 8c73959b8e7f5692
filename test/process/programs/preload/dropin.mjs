// Makes clients with the drop-in, a factory and ioredis, and one whose options cannot be enforced; reports their names.
import { createRedisFactory } from 'redis-hygiene';
import { Redis as DropIn, defaultFactory } from 'redis-hygiene/ioredis';
import Redis from 'ioredis';

const url = process.env.REDIS_URL;
const factory = createRedisFactory({ service: 'orders', connection: url });
const dropIn = new DropIn(url);
const plain = new Redis(url);
const refused = new Redis(url, { commandTimeout: '9e3' });
const clients = [dropIn, factory.client(), plain, refused];
for (const client of clients) await client.get('key');
const names = (await plain.client('LIST'))
  .trim()
  .split('\n')
  .map((row) => /name=(\S*)/.exec(row)[1]);
process.send({
  names: names.sort(),
  counts: [defaultFactory(), factory].map((one) => one.connections().length),
});
process.on('message', () => process.exit(0));
