// Only some of the processes audit, so the client is loaded with this module.
const { Redis } = await import('ioredis');

const WAIT_S = 5;
const client = new Redis(process.env.REDIS_URL);
const audited = new Set();

/** Takes what was visited off a list, one after the other. */
export async function audit() {
  for (;;) {
    const item = await client.blpop('visits:audit', WAIT_S);
    if (item) audited.add(item[1]);
  }
}

export const hasAudited = (text) => ({ audited: audited.has(text) });
