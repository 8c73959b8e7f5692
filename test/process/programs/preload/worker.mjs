// A worker whose code is a text, as some pools of workers start it.
import { Worker } from 'node:worker_threads';

const code = `
  const Redis = require('ioredis');
  const client = new Redis(process.env.REDIS_URL);
  client.client('GETNAME').then((name) => {
    require('node:worker_threads').parentPort.postMessage(name);
    client.disconnect();
  });
`;
new Worker(code, { eval: true }).on('message', (name) => process.send({ name }, () => process.exit(0)));
