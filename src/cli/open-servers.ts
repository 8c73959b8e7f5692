import { HygieneError } from '../core/errors.js';
import { openServer } from '../doctor/server/open-server.js';
import type { ServerConnection } from '../doctor/server/server-connection.js';
import { type ServerEndpoint, endpointLabel } from '../doctor/server/server-endpoint.js';
import { discoverClusterNodes, discoverMonitoredServers } from '../doctor/sources/discover-servers.js';
import { createServerSource, type RowSource } from '../doctor/sources/source.js';
import type { CommandIo } from './command-io.js';
import type { Console } from './console.js';
import {
  resolveSentinelEndpoints,
  resolveServerEndpoints,
  type ServerOptions,
  readTlsOptions,
} from './server-options.js';

/** The servers of one command, each with an open connection. */
export interface OpenServers extends Disposable {
  readonly sources: readonly RowSource[];
  /** Errors of the servers that could not be reached. */
  readonly failures: readonly HygieneError[];
}

/**
 * Connects to all servers that a command line names: those of URLs, all nodes of their Clusters, and the servers that
 * sentinels know. A server that cannot be reached is a failure in the result; the others are still opened.
 */
export async function openServers(
  urls: readonly string[],
  options: ServerOptions,
  io: CommandIo,
  console: Console,
): Promise<OpenServers> {
  const servers = createServerSet(options, io, console);
  const sentinels = resolveSentinelEndpoints(options, io.env);
  const { close } = servers;
  try {
    if (urls.length > 0 || sentinels.length === 0) {
      const given = resolveServerEndpoints(urls, options, io.env);
      const opened = await Promise.all(given.map(servers.open));
      if (options.cluster) await Promise.all(opened.map((source) => openCluster(servers, source)));
    }
    for (const sentinel of sentinels) {
      const data = { ...sentinel, tls: options.tls === true };
      await openMonitored(servers, sentinel, data, options.master);
    }
  } catch (error) {
    close();
    throw error;
  }
  const sources = servers.sources.toSorted((a, b) => (a.target < b.target ? -1 : 1));
  return { sources, failures: servers.failures, [Symbol.dispose]: close };
}

type ServerSet = ReturnType<typeof createServerSet>;

/** Opens servers, each once, also when it is named several times. */
function createServerSet(options: ServerOptions, io: CommandIo, console: Console) {
  const connectOptions = {
    clock: io.clock,
    timeoutMs: options.timeout,
    waitMs: options.wait,
    tls: readTlsOptions(options),
    signal: io.signal,
    onWaiting: (why: string) => console.progress(`${why}: waiting for a slot`),
  };
  const seen = new Set<string>();
  const sources: RowSource[] = [];
  const servers: ServerConnection[] = [];
  const failures: HygieneError[] = [];
  const onRefusal = (error: HygieneError) => console.warn(error.message);

  async function open(endpoint: ServerEndpoint): Promise<RowSource | undefined> {
    if (seen.has(endpointLabel(endpoint))) return undefined;
    seen.add(endpointLabel(endpoint));
    try {
      const server = await openServer(endpoint, connectOptions);
      servers.push(server);
      const source = await createServerSource(server, onRefusal);
      sources.push(source);
      return source;
    } catch (error) {
      io.signal.throwIfAborted();
      if (!(error instanceof HygieneError)) throw error;
      failures.push(error);
      return undefined;
    }
  }

  const close = () => servers.forEach((server) => server.close());
  return { open, close, sources, failures };
}

async function openCluster({ open }: ServerSet, source: RowSource | undefined): Promise<void> {
  if (!source?.server) return;
  await Promise.all((await discoverClusterNodes(source.server, source.info)).map(open));
}

async function openMonitored(
  { open }: ServerSet,
  sentinel: ServerEndpoint,
  data: ServerEndpoint,
  master?: string,
): Promise<void> {
  const source = await open(sentinel);
  if (!source?.server) return;
  const watched = await discoverMonitoredServers(source.server, data, master);
  if (watched.masters.length === 0) {
    const what = master === undefined ? 'watches no master' : `does not know the master "${master}"`;
    throw new HygieneError('HYG_MASTER_UNKNOWN', `The sentinel ${source.target} ${what}.`);
  }
  await Promise.all([...watched.servers, ...watched.sentinels].map(open));
}
