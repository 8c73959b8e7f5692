// The types of `redis-hygiene/ioredis` are those of the installed ioredis, whether its major is 5 or 6.
export * from 'ioredis';
export { default } from 'ioredis';
export { configure, defaultFactory } from './default-factory.js';
