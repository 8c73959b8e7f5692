// A client of node-redis whose errors nobody listens to, as many programs have it.
import { createRequire } from 'node:module';

const redis = createRequire(import.meta.url)(process.env.LIBRARY);
const client = redis.createClient({ url: process.env.REDIS_URL });
const cases = {
  // The connection is lost: the `error` event ends the process.
  async lost() {
    await client.connect();
    process.send('connected');
    setInterval(() => undefined, 1_000);
  },
  // Nobody waits for connect(): its rejection ends the process.
  refused: () => void client.connect(),
  // An `error` listener that throws.
  async throws() {
    client.on('error', () => {
      throw new Error('the listener is broken');
    });
    await client.connect().catch(({ message }) => console.log(`caught ${message}`));
    console.log(client.listenerCount('error'), client.eventNames().join());
  },
};
await cases[process.env.CASE]();
