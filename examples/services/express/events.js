const { redis, subscriber } = require('./redis');

const CHANNEL = 'orders:events';
const KEPT = 100;
const received = [];

subscriber.on('message', (_channel, text) => {
  received.push(text);
  if (received.length > KEPT) received.shift();
});

exports.listen = () => subscriber.subscribe(CHANNEL);
exports.publish = (text) => redis.publish(CHANNEL, text);
exports.received = () => received;
