import { HygieneError } from '../core/errors.js';
import { openServer } from '../doctor/server/open-server.js';
import type { ServerConnection } from '../doctor/server/server-connection.js';
import { type ServerEndpoint, labelOf } from '../doctor/server/server-endpoint.js';
import { clusterNodes, watchedBy } from '../doctor/sources/discover-servers.js';
import { serverSource, type Source } from '../doctor/sources/source.js';
import type { CommandIo } from './command-io.js';
import type { Console } from './console.js';
import { addresses, sentinelAddresses, type ServerOptions, tlsOptions } from './server-options.js';

/** The servers of one command, each with its connection. */
export interface OpenServers extends Disposable {
  readonly sources: readonly Source[];
  /** Why servers that were named could not be asked. */
  readonly failures: readonly HygieneError[];
}

/** Opens servers, each once, whoever names them. */
function createOpener(options: ServerOptions, io: CommandIo, console: Console) {
  const terms = {
    clock: io.clock,
    timeoutMs: options.timeout,
    waitMs: options.wait,
    tls: tlsOptions(options),
    signal: io.signal,
    onWaiting: (why: string) => console.progress(`${why}: waiting for a slot`),
  };
  const seen = new Set<string>();
  const sources: Source[] = [];
  const servers: ServerConnection[] = [];
  const failures: HygieneError[] = [];
  const onRefusal = (error: HygieneError) => console.warn(error.message);

  async function open(address: ServerEndpoint): Promise<Source | undefined> {
    if (seen.has(labelOf(address))) return undefined;
    seen.add(labelOf(address));
    try {
      const server = await openServer(address, terms);
      servers.push(server);
      const source = await serverSource(server, onRefusal);
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

type Opener = ReturnType<typeof createOpener>;

async function openCluster({ open }: Opener, source: Source | undefined): Promise<void> {
  if (!source?.server) return;
  await Promise.all((await clusterNodes(source.server, source.info)).map(open));
}

async function openWatched(
  { open }: Opener,
  sentinel: ServerEndpoint,
  data: ServerEndpoint,
  master?: string,
): Promise<void> {
  const source = await open(sentinel);
  if (!source?.server) return;
  const watched = await watchedBy(source.server, data, master);
  if (watched.masters.length === 0) {
    const what = master === undefined ? 'watches no master' : `does not know the master "${master}"`;
    throw new HygieneError('HYG_MASTER_UNKNOWN', `The sentinel ${source.target} ${what}.`);
  }
  await Promise.all([...watched.servers, ...watched.sentinels].map(open));
}

/**
 * Connects to all servers that a command line names: those of URLs, all nodes of their Clusters, and what sentinels
 * know of. A server that cannot be asked is a failure in the result; the others are asked all the same.
 */
export async function openServers(
  urls: readonly string[],
  options: ServerOptions,
  io: CommandIo,
  console: Console,
): Promise<OpenServers> {
  const opener = createOpener(options, io, console);
  const sentinels = sentinelAddresses(options, io.env);
  const { close } = opener;
  try {
    if (urls.length > 0 || sentinels.length === 0) {
      const given = addresses(urls, options, io.env);
      const opened = await Promise.all(given.map(opener.open));
      if (options.cluster) await Promise.all(opened.map((source) => openCluster(opener, source)));
    }
    for (const sentinel of sentinels) {
      const data = { ...sentinel, tls: options.tls === true };
      await openWatched(opener, sentinel, data, options.master);
    }
  } catch (error) {
    close();
    throw error;
  }
  const sources = opener.sources.toSorted((a, b) => (a.target < b.target ? -1 : 1));
  return { sources, failures: opener.failures, [Symbol.dispose]: close };
}
