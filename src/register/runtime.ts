// What dist/register/runtime.cjs is made of: all that enforces and names.
export { enforceClient, enforceCluster, openLedger } from './enforced.js';
export { nameGlide, nameNodeRedis, nameOptions } from './named.js';
