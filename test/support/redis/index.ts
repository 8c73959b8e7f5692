export { RedisUnavailableError } from './errors.js';
export { findRedisBinary, startRedis } from './start.js';
export { spawnGuarded, type GuardedProcess } from './guard.js';
export { freePort } from './port.js';
export { waitUntilReady, type Address } from './wire.js';
export type { RedisBinary } from './binary.js';
export type { RedisServer, RedisSource, ServerName, StartOptions } from './server.js';
