import assert from 'node:assert/strict';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { runWork } from './rig/run-work.mjs';

await runWork(async ({ redis, takes }) => {
  const publisher = takes === 'client' && redis.client();
  const pubSub = new RedisPubSub(
    publisher
      ? { publisher, subscriber: publisher.duplicate({ connectionName: 'graphql' }) }
      : { connection: redis.options('graphql') },
  );
  const messages = pubSub.asyncIterator('orders');
  const first = messages.next();
  // A message is lost unless the channel is subscribed before it is published.
  while ((await pubSub.getPublisher().pubsub('NUMSUB', 'orders'))[1] < 1);
  await pubSub.publish('orders', { id: 7 });
  assert.deepEqual((await first).value, { id: 7 });
  // close() of the library ends both clients, so it is left out where the factory closes them.
  return () => messages.return();
});
