import { homedir } from 'node:os';
import { join } from 'node:path';
import { HygieneError } from '../../../core/errors.js';

/** Where an engine may listen, as `node:http` takes it. */
export interface Place {
  /** For messages. */
  readonly label: string;
  readonly target: { readonly socketPath: string } | { readonly host: string; readonly port: number };
}

/** The port of an engine without TLS, as `docker` has it. */
const PLAIN_PORT = 2375;

/**
 * Where to look for an engine: at the host that is given, else at DOCKER_HOST, else at the usual sockets of Docker, then
 * at those of Podman.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE` for a host that is written in another way
 */
export function enginePlaces(host: string | undefined, env: NodeJS.ProcessEnv): readonly Place[] {
  const named = host ?? env['DOCKER_HOST'];
  if (named) return [parseHost(named)];
  const runtime = env['XDG_RUNTIME_DIR'];
  const sockets = [
    '/var/run/docker.sock',
    ...(runtime ? [join(runtime, 'docker.sock')] : []), // rootless
    join(homedir(), '.docker/run/docker.sock'), // Docker Desktop
    ...(runtime ? [join(runtime, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
  ];
  return sockets.map((socketPath) => ({ label: socketPath, target: { socketPath } }));
}

function parseHost(named: string): Place {
  // As docker reads it: a path, not a URL.
  const socketPath = /^unix:\/\/(\/.+)$/.exec(named)?.[1];
  if (socketPath !== undefined) return { label: socketPath, target: { socketPath } };
  const url = URL.canParse(named) ? new URL(named) : undefined;
  if ((url?.protocol === 'tcp:' || url?.protocol === 'http:') && url.hostname !== '') {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // An http: URL whose port is 80 has none.
    const port = Number(url.port || (url.protocol === 'http:' ? 80 : PLAIN_PORT));
    return { label: `${url.hostname}:${port}`, target: { host, port } };
  }
  throw new HygieneError(
    'HYG_ATTRIBUTION_SOURCE',
    `The Docker host is "${named}", expected unix:///path/to/the.sock, tcp://host:port or http://host:port. An engine behind TLS or SSH needs a tunnel to its socket: ssh -NL /tmp/docker.sock:/var/run/docker.sock HOST.`,
    { details: { source: 'docker', host: named } },
  );
}
