import { createServer } from 'node:net';

/**
 * Range of ports. It is below the ephemeral range of Linux (32768–60999), so that no outgoing connection takes the port
 * in the meantime, and low enough for the cluster bus at port + 10000.
 */
const MIN_PORT = 20_000;
const MAX_PORT = 32_000;
const ATTEMPTS = 100;

/** Finds a port of 127.0.0.1 on which nobody listens. The port is not reserved, so the caller may have to try another one. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = MIN_PORT + Math.floor(Math.random() * (MAX_PORT - MIN_PORT));
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port found in ${ATTEMPTS} attempts between ${MIN_PORT} and ${MAX_PORT}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });
}
