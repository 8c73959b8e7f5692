// Makes duplicates of a Cluster of node-redis, drops them, and prints how many the garbage collector has taken.
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createCluster } from 'redis';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const cluster = createCluster({ rootNodes: [{ url: process.env.REDIS_URL }] });
let collected = 0;
const registry = new FinalizationRegistry(() => collected++);
for (let count = 0; count < 200; count += 1) registry.register(cluster.duplicate());
for (let round = 0; round < 20 && collected < 190; round += 1) {
  collect();
  for (let count = 0; count < 10; count += 1) await turn();
}
console.log(collected >= 190 ? 'collected' : `kept ${200 - collected} of 200`, typeof cluster);
