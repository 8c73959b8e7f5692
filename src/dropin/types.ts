// The types of `redis-hygiene/ioredis` are those of the installed ioredis, of either major.
export * from 'ioredis';
export { Redis as default } from 'ioredis';
export { configure, defaultFactory } from './default-factory.js';
