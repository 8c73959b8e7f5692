// Clusters that are made in three ways. One of them subscribes.
import Redis, { Cluster } from 'ioredis';

const nodes = JSON.parse(process.env.NODES);
const first = new Cluster(nodes);
const lazy = new Redis.Cluster(nodes, { lazyConnect: true });
await lazy.connect();
const clusters = [first, lazy, first.duplicate()];
await first.subscribe('news');
const replies = await Promise.all(clusters.map((cluster) => cluster.set('a', '1')));
process.send({ replies });
process.on('message', () => {
  void Promise.all(clusters.map((cluster) => cluster.quit())).then(() => process.disconnect());
});
