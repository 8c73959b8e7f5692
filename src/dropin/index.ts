// The same exports as ioredis; the two classes that open connections are replaced. Types come from types.ts.
export * from 'ioredis';
export { Cluster, Redis, Redis as default } from './enforced-classes.js';
export { configure, defaultFactory } from './default-factory.js';
