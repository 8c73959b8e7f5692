// Three clients that find their master through sentinels, each with ioredis' failover detector.
import Redis from 'ioredis';

const connection = JSON.parse(process.env.CONNECTION);
const clients = [1, 2, 3].map(() => new Redis({ ...connection, failoverDetector: true }));
const replies = await Promise.all(clients.map((client) => client.ping()));
process.send({ replies });
process.on('message', () => {
  for (const client of clients) client.disconnect();
  process.disconnect();
});
