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
  let subscription;
  const message = new Promise((resolve) => {
    subscription = pubSub.subscribe('orders', resolve);
  });
  const id = await subscription;
  await pubSub.publish('orders', { id: 7 });
  assert.deepEqual(await message, { id: 7 });
  // Its close() ends the clients too, which are those of the application.
  return () => pubSub.unsubscribe(id);
});
