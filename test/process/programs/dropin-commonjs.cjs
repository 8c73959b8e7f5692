// A CommonJS service that has changed one line to use the drop-in.
const Redis = require('redis-hygiene/ioredis');
const { Cluster, Command, configure, defaultFactory } = require('redis-hygiene/ioredis');

configure({ service: 'orders' });
const client = new Redis(process.env.REDIS_URL);
const other = Redis.createClient(process.env.REDIS_URL);
Promise.all([client.client('GETNAME'), other.client('GETNAME')]).then(async (names) => {
  const sane = [
    client instanceof Redis,
    Redis.Cluster === Cluster,
    Redis.Command === Command,
    new Redis.Redis({ lazyConnect: true }) instanceof Redis,
  ];
  await defaultFactory().shutdown();
  console.log(JSON.stringify({ names, sane }));
});
