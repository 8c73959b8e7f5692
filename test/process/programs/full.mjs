// Opens clients to a full server, ours or raw ones, and reports on request.
import { createRedisFactory } from 'redis-hygiene';
import { Redis } from 'ioredis';

const { REDIS_URL, KIND } = process.env;
const count = Number(process.env.CLIENTS ?? 20);
const factory = createRedisFactory({ service: 'orders', host: 'web-1', connection: REDIS_URL });
const open = () => (KIND === 'raw' ? new Redis(REDIS_URL) : factory.client());
const clients = Array.from({ length: count }, open);
const errors = {};
for (const client of clients) {
  client.on('error', ({ code, message }) => (errors[code ?? message] = (errors[code ?? message] ?? 0) + 1));
}
const reported = { saturated: 0, codes: [] };
factory.on('saturated', () => (reported.saturated += 1));
factory.on('error', ({ code }) => reported.codes.push(code));

process.on('message', (message) => {
  if (message === 'report')
    process.send({ ready: clients.filter(({ status }) => status === 'ready').length, errors, reported });
  if (message !== 'end') return;
  process.disconnect();
  clients.forEach((client) => client.disconnect());
});
process.send('ready');
