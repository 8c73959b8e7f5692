import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { reason, SourceUnavailable } from '../errors.js';

/** Address of a Docker engine, as options of `node:http`. */
export type Endpoint = { readonly socketPath: string } | { readonly host: string; readonly port: number };

const PROBE_MS = 2_000;

/**
 * Finds an engine that answers. The request is sent over its socket, because loading testcontainers takes almost a second,
 * and a `docker` program on the PATH does not mean that an engine runs. @throws SourceUnavailable
 */
export async function findEngine(env: NodeJS.ProcessEnv = process.env): Promise<Endpoint> {
  const signal = AbortSignal.timeout(PROBE_MS);
  const silent: string[] = [];
  for (const endpoint of candidates(env)) {
    const problem = await ping(endpoint, signal).catch(reason);
    if (problem === undefined) return endpoint;
    silent.push(problem);
  }
  throw new SourceUnavailable(
    silent.length > 0 ? `no engine answers: ${silent.join('; ')}` : 'no engine socket',
  );
}

/** Addresses of engines, in the order in which testcontainers tries them. */
function candidates(env: NodeJS.ProcessEnv): Endpoint[] {
  const named = env['DOCKER_HOST'];
  if (named) return [parseDockerHost(named)];
  const sockets = [
    '/var/run/docker.sock',
    ...(env['XDG_RUNTIME_DIR'] ? [join(env['XDG_RUNTIME_DIR'], 'docker.sock')] : []),
    join(homedir(), '.docker', 'run', 'docker.sock'),
    join(homedir(), '.docker', 'desktop', 'docker.sock'),
    `/run/user/${process.getuid?.() ?? 0}/docker.sock`,
  ];
  return sockets.filter((path) => existsSync(path)).map((socketPath) => ({ socketPath }));
}

function parseDockerHost(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'unix:') return { socketPath: url.pathname };
  if (url?.protocol === 'tcp:' || url?.protocol === 'http:') {
    return { host: url.hostname, port: Number(url.port || 2375) };
  }
  throw new SourceUnavailable(`DOCKER_HOST is ${text}; only unix:// and tcp:// without TLS are used here`);
}

/** Resolves when the engine answers OK. @throws Error that names the endpoint */
function ping(endpoint: Endpoint, signal: AbortSignal): Promise<undefined> {
  const place = 'socketPath' in endpoint ? endpoint.socketPath : `${endpoint.host}:${endpoint.port}`;
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${place}: ${why}`));
    const call = request({ ...endpoint, path: '/_ping', signal }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve(undefined);
      else fail(`status ${response.statusCode}`);
    });
    call.once('error', (error) => fail(signal.aborted ? `no answer in ${PROBE_MS} ms` : error.message));
    call.end();
  });
}
