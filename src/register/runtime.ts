// The part of the preload that enforces and observes clients, which is loaded with the first client library.
export { enforceClient, enforceCluster } from './enforce-clients.js';
export { observeGlide } from './observed/glide.js';
export { nameIoredisOptions } from './name-clients.js';
export { observeNodeRedis } from './observed/node-redis.js';
export { observeNodeRedisGroup } from './observed/node-redis-groups.js';
export { readLedger } from './preload-ledger.js';
