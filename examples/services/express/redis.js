const Redis = require('ioredis');

const redis = new Redis(process.env.REDIS_URL);
// A connection that is subscribed takes no other command.
const subscriber = redis.duplicate();

module.exports = { redis, subscriber };
