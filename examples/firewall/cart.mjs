// Watches its sentinels as the service of incident 2 did: one connection to each, and a new one when it is lost.
import { Redis } from 'ioredis';

const { sentinels, pauseMs } = JSON.parse(process.env.SETTINGS);

async function watch({ host, port }) {
  // SO_KEEPALIVE with the values of the operating system, which is the default of ioredis 5.
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
