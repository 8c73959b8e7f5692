import { describeSample } from '../../support/services/describe-sample.js';

describeSample('fastify', {
  raw: ['', '', ''],
  adopted: ['carts-fastify@web-1', 'carts-fastify@web-1#carts', 'carts-fastify@web-1#sessions'],
  preloaded: [
    'carts-fastify@web-1',
    'carts-fastify@web-1#fastify/redis',
    'carts-fastify@web-1#fastify/redis',
  ],
  leftovers: ['server.js: redis-hygiene/no-plain-connection', 'server.js: redis-hygiene/no-plain-connection'],
});
