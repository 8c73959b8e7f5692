// The types that `require('redis-hygiene/ioredis')` has, shaped as ioredis shapes them for CommonJS.
export * from 'ioredis';
export { default } from 'ioredis';
export { configure, defaultFactory } from './default-factory.js';
