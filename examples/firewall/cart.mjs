// Watches its sentinels as the service of the incident did: a connection to each, and on its loss a new one.
import { Redis } from 'ioredis';

const { sentinels, pauseMs } = JSON.parse(process.env.STAGE);

async function watch({ host, port }) {
  // SO_KEEPALIVE with the OS's own values, as ioredis 5 has it by default.
  const client = new Redis({ host, port, keepAlive: 0, retryStrategy: null });
  client.on('connect', () => process.send({ event: 'opened', port, localPort: client.stream.localPort }));
  client.on('error', () => process.send({ event: 'lost', port })); // Lost connection to Sentinel
  client.on('close', () => setTimeout(() => watch({ host, port }), pauseMs));
  await client.subscribe('+switch-master');
}

process.on('message', () => {
  const sockets = process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;
  process.send({ event: 'sockets', sockets });
});
process.on('disconnect', () => process.exit());

sentinels.forEach((sentinel) => void watch(sentinel).catch(() => undefined));
