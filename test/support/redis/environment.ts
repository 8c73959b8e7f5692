import { reason, SourceUnavailable } from './errors.js';
import { argumentsOf, type RedisServer, type StartOptions } from './server.js';
import { serverVersion, waitUntilReady, type Address } from './wire.js';

const VARIABLE = 'REDIS_HYGIENE_REDIS_URL';
/** Long enough for a server that a CI job starts at the same time. */
const NAMED_SERVER_MS = 3_000;

/**
 * Uses the server that the environment names. If that server does not answer, this is an error and no other source is
 * tried, because a run that is meant for one server must not use another one.
 */
export async function useEnvironmentServer(
  options: StartOptions,
  url = process.env[VARIABLE],
): Promise<RedisServer> {
  if (!url) throw new SourceUnavailable(`${VARIABLE} is not set`);
  if (
    (await argumentsOf(options)).length > 0 ||
    options.password !== undefined ||
    options.dir !== undefined
  ) {
    throw new SourceUnavailable(`${VARIABLE} names a shared server, which cannot get args, password or dir`);
  }
  const address = parseUrl(url);
  const place = `${address.host}:${address.port}`;
  await waitUntilReady(address, { timeoutMs: NAMED_SERVER_MS }).catch((error: unknown) => {
    throw new Error(
      `${VARIABLE} names ${place}, which does not answer: ${reason(error)}. Correct or unset it.`,
    );
  });
  return sharedServer(url, address, await serverVersion(address));
}

function parseUrl(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The text may contain a password, so the message does not repeat it.
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
      new Error(`Cannot ${action} the shared server of ${VARIABLE}. Unset it to start a separate server.`),
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
