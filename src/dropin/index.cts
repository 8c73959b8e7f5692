// Like `require('ioredis')`, `require('redis-hygiene/ioredis')` returns the class Redis itself.
import enforced = require('./enforced-classes.js');
export = enforced.Redis;
