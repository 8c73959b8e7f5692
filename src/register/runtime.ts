// What dist/register/runtime.cjs is made of: all that enforces and names.
export { enforceClient, enforceCluster, openLedger } from './enforce-clients.js';
export { nameGlide, nameNodeRedis, nameOptions } from './name-clients.js';
