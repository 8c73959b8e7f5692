// The types of `require('redis-hygiene/ioredis')`, in the form in which ioredis exports them for CommonJS.
export * from 'ioredis';
export { default } from 'ioredis';
export { configure, defaultFactory } from './default-factory.js';
