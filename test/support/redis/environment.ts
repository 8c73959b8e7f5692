import { reason, RemedyUnavailable } from './errors.js';
import type { RedisServer, StartOptions } from './server.js';
import { serverVersion, waitUntilReady, type Address } from './wire.js';

const VARIABLE = 'REDIS_HYGIENE_REDIS_URL';
/** Long enough for a server that a CI job starts beside this process. */
const NAMED_SERVER_MS = 3_000;

/**
 * Uses the server that the environment names, as it is.
 * A named server that does not answer is an error and no reason to go on: a run that was meant for one
 * server and quietly takes another one proves nothing.
 */
export async function useEnvironmentServer(
  options: StartOptions,
  url = process.env[VARIABLE],
): Promise<RedisServer> {
  if (!url) throw new RemedyUnavailable(`${VARIABLE} is not set`);
  if (options.args?.length || options.password !== undefined || options.dir !== undefined) {
    throw new RemedyUnavailable(`${VARIABLE} names a shared server, which takes no args, password or dir`);
  }
  const address = parseUrl(url);
  const place = `${address.host}:${address.port}`;
  await waitUntilReady(address, { timeoutMs: NAMED_SERVER_MS }).catch((error: unknown) => {
    throw new Error(
      `${VARIABLE} names ${place}, which gives no answer: ${reason(error)}. Correct or unset it.`,
    );
  });
  return sharedServer(url, address, await serverVersion(address));
}

function parseUrl(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The text may hold a password, so the message does not repeat it.
  if (url?.protocol !== 'redis:') throw new Error(`${VARIABLE} must be a URL like redis://host:port`);
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: Number(url.port || 6379),
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
  };
}

function sharedServer(url: string, { host, port }: Address, version: string): RedisServer {
  const refuse = (action: string) =>
    Promise.reject(
      new Error(`Cannot ${action} the shared server of ${VARIABLE}. Unset it to get a server of one's own.`),
    );
  const leaveRunning = () => Promise.resolve();
  return {
    url,
    host,
    port,
    source: 'environment',
    version,
    pause: () => refuse('pause'),
    resume: () => refuse('resume'),
    stop: leaveRunning,
    [Symbol.asyncDispose]: leaveRunning,
  };
}
