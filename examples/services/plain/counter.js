import { Redis as Client } from 'ioredis';

const TICK_MS = 50;
const client = new Client(process.env.REDIS_URL);

/** Counts for as long as the process runs. */
export function startCounting() {
  const lost = (error) => console.error('A tick is lost:', error.message);
  setInterval(() => client.incr('visits:ticks').catch(lost), TICK_MS);
}

export const ticks = async () => ({ ticks: Number(await client.get('visits:ticks')) });

export async function visit(text) {
  await client.multi().rpush('visits:audit', text).publish('visits:seen', text).exec();
  return { seen: text };
}
