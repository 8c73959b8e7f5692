// A service that uses the factory, which watches the sentinels by itself with one connection to each.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

const { sentinels, heartbeat } = JSON.parse(process.env.SETTINGS);
const connection = { sentinels, name: 'mymaster' };

const redis = createRedisFactory({ service: 'orders', host: 'web-1', connection, ...heartbeat });
redis.on('stale', ({ silentMs }) => process.send({ event: 'stale', silentMs }));
redis.on('orphan', ({ outcome }) => process.send({ event: 'orphan', outcome }));
installShutdownHooks(redis);

const client = redis.client();
setInterval(() => client.incr('orders').catch(() => undefined), 200);

process.on('message', () => {
  const sockets = process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
  process.send({ event: 'sockets', sockets });
});
process.on('disconnect', () => process.exit());
