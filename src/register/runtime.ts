// Entry point of the bundle dist/register/runtime.cjs: everything that enforces and names clients.
export { enforceClient, enforceCluster, readLedger } from './enforce-clients.js';
export { nameGlide, nameIoredisOptions, nameNodeRedis } from './name-clients.js';
