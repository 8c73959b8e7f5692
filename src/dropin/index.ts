// The exports of ioredis, with the two classes that open connections replaced. The types are in types.ts.
export * from 'ioredis';
export { Cluster, Redis, Redis as default } from './enforced-classes.js';
export { configure, defaultFactory } from './default-factory.js';
