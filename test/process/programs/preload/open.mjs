// Opens a number of clients from one line of code, reports errors, and ends on request.
import Redis from 'ioredis';

const clients = [];
const errors = [];
for (let i = 0; i < Number(process.env.CLIENTS ?? 1); i += 1) {
  const client = new Redis(process.env.REDIS_URL, JSON.parse(process.env.OPTIONS ?? '{}'));
  client.on('error', ({ code }) => errors.push(code));
  clients.push(client);
}
const replies = await Promise.all(clients.map((client) => client.ping().catch(({ code }) => code)));
const names = (await clients[0].client('LIST'))
  .trim()
  .split('\n')
  .map((row) => /name=(\S*)/.exec(row)[1]);
process.send({ replies, names, errors: [...new Set(errors)] });
process.on('message', () => process.exit(0));
