// `require('redis-hygiene/ioredis')` gives the class itself, as `require('ioredis')` does.
import enforced = require('./enforced-classes.js');
export = enforced.Redis;
