// `require('redis-hygiene/ioredis')` gives the class itself, as `require('ioredis')` does.
import enforced = require('./enforced.js');
export = enforced.Redis;
