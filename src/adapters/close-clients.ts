import type { Redis } from 'ioredis';
import { createDeadline, systemClock } from '../core/clock.js';

/**
 * Closes clients whose factory stays open: by QUIT, after the replies that are pending, and by force when `timeoutMs` is over.
 * Clients that the application has closed are left alone.
 */
export async function closeClients(clients: readonly Redis[], timeoutMs: number): Promise<void> {
  const deadline = createDeadline(systemClock, timeoutMs);
  await deadline.race(Promise.all(clients.map(quit)));
  clients.forEach((client) => client.disconnect());
}

/** Only a client that is connected can quit at once: any other would dial for it. */
async function quit(client: Redis): Promise<void> {
  if (client.status !== 'ready') return;
  await client.quit().catch(() => undefined); // a connection that is lost meanwhile is closed too
}
