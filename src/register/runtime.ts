// The part of the preload that enforces and names clients, which is loaded with the first client library.
export { enforceClient, enforceCluster, readLedger } from './enforce-clients.js';
export { nameGlide, nameIoredisOptions, nameNodeRedis } from './name-clients.js';
