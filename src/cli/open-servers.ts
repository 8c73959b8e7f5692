import { setMaxListeners } from 'node:events';
import { HygieneError } from '../core/errors.js';
import { openServer } from '../doctor/server/open-server.js';
import type { ServerConnection } from '../doctor/server/server-connection.js';
import { type ServerAccess, type ServerEndpoint, endpointLabel } from '../doctor/server/server-endpoint.js';
import { discoverClusterNodes, discoverMonitoredServers } from '../doctor/sources/discover-servers.js';
import { chooseNamed } from '../doctor/sources/named-servers.js';
import { createServerSource, type RowSource } from '../doctor/sources/source.js';
import type { CommandIo } from './command-io.js';
import type { Console } from './console.js';
import {
  resolveDataAccess,
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
  setMaxListeners(0, io.signal); // each server listens for Ctrl-C, and Node warns of more than ten
  const servers = createServerSet(options, io, console);
  const sentinels = resolveSentinelEndpoints(options, io.env);
  const { close } = servers;
  try {
    if (urls.length > 0 || sentinels.length === 0) {
      const given = resolveServerEndpoints(urls, options, io.env);
      const opened = await openEach(given, servers.open);
      if (options.cluster) for (const source of opened) await openCluster(servers, source);
    }
    const data = resolveDataAccess(sentinels, options, io.env);
    for (const sentinel of sentinels) await openMonitored(servers, sentinel, data, options.master);
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

  /** Opens the servers that another one names. */
  async function openNamed(named: readonly ServerEndpoint[], by: ServerConnection): Promise<void> {
    const unseen = named.filter((endpoint) => !seen.has(endpointLabel(endpoint)));
    const { asked, refusal } = chooseNamed(unseen, by, options.follow === true);
    await openEach(asked, open);
    if (refusal) failures.push(refusal);
  }

  const close = () => servers.forEach((server) => server.close());
  return { open, openNamed, close, sources, failures };
}

/** Connections that are opened at the same time: each sends credentials, and a large Cluster has a thousand nodes. */
const MAX_OPENING = 32;

async function openEach<T>(
  endpoints: readonly ServerEndpoint[],
  open: (endpoint: ServerEndpoint) => Promise<T>,
): Promise<T[]> {
  const opened: T[] = [];
  let next = 0;
  async function openInTurn(): Promise<void> {
    for (let at = next++; at < endpoints.length; at = next++)
      opened[at] = await open(endpoints[at] as ServerEndpoint);
  }
  await Promise.all(Array.from({ length: MAX_OPENING }, openInTurn));
  return opened;
}

async function openCluster({ openNamed }: ServerSet, source: RowSource | undefined): Promise<void> {
  if (!source?.server) return;
  await openNamed(await discoverClusterNodes(source.server, source.info), source.server);
}

async function openMonitored(
  { open, openNamed }: ServerSet,
  sentinel: ServerEndpoint,
  data: ServerAccess,
  master?: string,
): Promise<void> {
  const source = await open(sentinel);
  if (!source?.server) return;
  const watched = await discoverMonitoredServers(source.server, data, master);
  if (watched.masters.length === 0) {
    const what = master === undefined ? 'watches no master' : `does not know the master "${master}"`;
    throw new HygieneError('HYG_MASTER_UNKNOWN', `The sentinel ${source.target} ${what}.`);
  }
  await openNamed([...watched.servers, ...watched.sentinels], source.server);
}
