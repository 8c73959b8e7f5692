// Like that of ioredis, the module is the class Redis itself. Its static properties are the other exports.
export { dropIn as default } from './enforced-classes.js';
