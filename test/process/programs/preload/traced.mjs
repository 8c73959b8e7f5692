// A service whose ioredis is instrumented by OpenTelemetry. The tracer of otel.mjs collects the spans.
import Redis from 'ioredis';

const client = new Redis(process.env.REDIS_URL);
await client.set('a', '1');
const value = await client.get('a');
const names = (await client.client('LIST'))
  .trim()
  .split('\n')
  .map((row) => /name=(\S*)/.exec(row)[1]);
process.send({ value, names, spans: globalThis.spans });
client.disconnect();
process.disconnect();
