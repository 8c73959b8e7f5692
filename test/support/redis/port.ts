import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';

/**
 * Range of ports. It ends below the range from which Linux takes ports of outgoing connections (32768–60999), also for the
 * cluster bus, which listens on port + 10000, and the ports of the bus are none of this range.
 */
const MIN_PORT = 10_000;
const MAX_PORT = 20_000;
const BUS_OFFSET = 10_000;
const ATTEMPTS = 100;

/**
 * Finds a port of 127.0.0.1 on which nobody listens, and reserves it until this process ends: tests of other processes,
 * which look for ports at the same time, get others. The same holds for its port of the cluster bus.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = MIN_PORT + Math.floor(Math.random() * (MAX_PORT - MIN_PORT));
    const isFree = (await reserve(port)) && (await canListen(port)) && (await canListen(port + BUS_OFFSET));
    if (isFree) return port;
  }
  throw new Error(`No free port found in ${ATTEMPTS} attempts between ${MIN_PORT} and ${MAX_PORT}`);
}

/** Reserves a port by a UDP socket of this number, which ends with the process. Returns false if another one has it. */
function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: HOST, exclusive: true }, () => {
      socket.unref();
      resolve(true);
    });
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: HOST, port }, () => server.close(() => resolve(true)));
  });
}
