import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisBinary } from './binary.js';
import { controls } from './controls.js';
import { reason } from './errors.js';
import { spawnGuarded, type GuardedProcess } from './guard.js';
import { freePort } from './port.js';
import { argumentsOf, redisUrl, type RedisServer, type StartOptions } from './server.js';
import { serverInfo, versionOf, waitUntilReady, type Address } from './wire.js';

const HOST = '127.0.0.1';
const PORT_ATTEMPTS = 5;
const READY_MS = 15_000;
/** Time for a server to end after SIGTERM. Without replicas it ends within 100 ms, at its next cron tick. */
const GRACE_MS = 3_000;
const PORT_TAKEN = /Address already in use|Failed listening on port/;

type Attempt = { readonly kind: 'up'; readonly server: RedisServer } | { readonly kind: 'port taken' };

/** Starts a server on a free port of 127.0.0.1. @throws Error with the server's last lines */
export async function startProcess(binary: RedisBinary, options: StartOptions): Promise<RedisServer> {
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt += 1) {
    const outcome = await tryPort(await freePort(), binary, options);
    if (outcome.kind === 'up') return outcome.server;
  }
  throw new Error(`A port of ${binary.path} was taken in each of ${PORT_ATTEMPTS} attempts`);
}

async function tryPort(port: number, binary: RedisBinary, options: StartOptions): Promise<Attempt> {
  const ownDir = options.dir === undefined ? await mkdtemp(join(tmpdir(), 'redis-hygiene-')) : undefined;
  const args = commandLine(port, options.password, await argumentsOf(options), options.dir ?? ownDir ?? '.');
  const redis = await spawnGuarded(binary.path, args, { env: binary.env, ...(ownDir && { ownDir }) });
  const address = { host: HOST, port, ...(options.password !== undefined && { password: options.password }) };
  try {
    const info = await waitUntilUp(redis, address);
    // The reply may come from another server that took the port a moment before.
    if (Number(info.get('process_id') ?? redis.pid) !== redis.pid) return await giveUpPort(redis);
    return { kind: 'up', server: processServer(redis, address, binary, versionOf(info)) };
  } catch (error) {
    const lines = redis.output();
    if (PORT_TAKEN.test(lines)) return giveUpPort(redis);
    await redis.end(0);
    throw new Error(`${binary.path} did not come up: ${reason(error)}. Its last lines:\n${lines}`);
  }
}

async function giveUpPort(redis: GuardedProcess): Promise<Attempt> {
  await redis.end(0);
  return { kind: 'port taken' };
}

/** Port, address and directory come last, because the last value of an option is effective. */
function commandLine(
  port: number,
  password: string | undefined,
  args: readonly string[],
  dir: string,
): string[] {
  const secret = password === undefined ? [] : ['--requirepass', password];
  const fixed = ['--port', String(port), '--bind', HOST, '--dir', dir, '--daemonize', 'no'];
  return ['--save', '', '--appendonly', 'no', ...secret, ...args, ...fixed];
}

async function waitUntilUp(redis: GuardedProcess, address: Address): Promise<ReadonlyMap<string, string>> {
  const gone = new AbortController();
  void redis.ended.then((how) => gone.abort(new Error(how)));
  await waitUntilReady(address, { timeoutMs: READY_MS, signal: gone.signal });
  return serverInfo(address);
}

function processServer(
  redis: GuardedProcess,
  { host, port, password }: Address,
  binary: RedisBinary,
  version = binary.version,
): RedisServer {
  return {
    url: redisUrl(host, port, password),
    host,
    port,
    source: binary.source,
    version,
    ...controls({
      name: `redis-server on ${host}:${port}`,
      pause: () => redis.signal('SIGSTOP'),
      resume: () => redis.signal('SIGCONT'),
      // A paused process does not handle SIGTERM, so it gets SIGKILL at once.
      stop: (from) => redis.end(from === 'paused' ? 0 : GRACE_MS),
    }),
  };
}
