import type { Command } from 'commander';
import type { AttributePeers, AttributionResult } from '../doctor/attribution/attribute.js';
import type { Peer, Resolver } from '../doctor/attribution/attribution.js';
import { splitAddr } from '../doctor/attribution/ip-address.js';
import type { RowSource } from '../doctor/sources/source.js';
import type { Console } from './console.js';
import type { CommandIo } from './command-io.js';

/** Options that name sources of attribution: who is at the other end of a connection. */
export interface AttributionOptions {
  readonly docker?: true;
  readonly dockerSocket?: string;
  readonly kubernetes?: true;
  readonly kubernetesFile?: string;
  readonly hosts?: string;
  readonly processes: boolean;
  readonly dns?: true;
}

export function addAttributionOptions(command: Command): Command {
  return command
    .optionsGroup('Who is behind an address:')
    .option('--docker', 'ask the container engine (DOCKER_HOST, else the sockets of Docker and Podman)')
    .option('--docker-socket <path>', 'ask the engine at this socket')
    .option('--kubernetes', 'ask Kubernetes (kubectl, or its API from inside a pod)')
    .option('--kubernetes-file <file>', 'read the output of kubectl get pods -A -o json')
    .option('--hosts <file>', 'read names from a file such as /etc/hosts')
    .option('--no-processes', 'do not read the process table of this machine')
    .option('--dns', 'look up addresses in reverse DNS');
}

/**
 * Attributes peers with the sources that the options name. The sources are loaded on first use, since not every
 * grouping needs them.
 *
 * @returns a function that rejects with `HYG_ATTRIBUTION_SOURCE` if a named source cannot be read
 */
export function createPeerAttribution(
  options: AttributionOptions,
  sources: readonly RowSource[],
  io: CommandIo,
  console: Console,
): AttributePeers {
  let loaded: Promise<readonly Resolver[]> | undefined;
  const serverIps = sources.flatMap(({ own }) => (own?.laddr ? splitAddr(own.laddr).ip : []));
  return async (peers): Promise<AttributionResult> => {
    const all = [...peers];
    const resolvers = await (loaded ??= loadResolvers(options, io, serverIps));
    const { createAttributor } = await import('../doctor/attribution/attribute.js');
    const local = await loadLocalResolvers(options, all);
    const attributed = await createAttributor([...resolvers, ...local]).attribute(all);
    attributed.warnings.forEach(console.warn);
    return attributed;
  };
}

/** Resolvers that need no list of peers. Each module is loaded only when its option is given. */
async function loadResolvers(
  options: AttributionOptions,
  io: CommandIo,
  serverIps: readonly string[],
): Promise<readonly Resolver[]> {
  const { rowResolvers } = await import('../doctor/attribution/row-resolvers.js');
  const resolvers = [...rowResolvers];
  if (options.docker || options.dockerSocket !== undefined) {
    resolvers.push(await loadDockerResolver(options, io, serverIps));
  }
  if (options.kubernetes || options.kubernetesFile !== undefined) {
    resolvers.push(await loadKubernetesResolver(options, io, serverIps));
  }
  if (options.hosts !== undefined) {
    const { loadHostsResolver } = await import('../doctor/attribution/hosts-resolver.js');
    resolvers.push(await loadHostsResolver(options.hosts));
  }
  if (options.dns) {
    const { createDnsResolver, createSystemLookup } = await import('../doctor/attribution/dns-resolver.js');
    resolvers.push(createDnsResolver(createSystemLookup(), io.clock));
  }
  return resolvers;
}

async function loadDockerResolver(
  options: AttributionOptions,
  { env, clock }: CommandIo,
  serverIps: readonly string[],
) {
  const { fetchContainers } = await import('../doctor/attribution/docker/container-engine.js');
  const { createDockerResolver } = await import('../doctor/attribution/docker/docker-resolver.js');
  const { dockerSocket } = options;
  const host = dockerSocket === undefined ? {} : { host: `unix://${dockerSocket}` };
  return createDockerResolver(await fetchContainers({ ...host, env: { ...env } }, clock), serverIps);
}

async function loadKubernetesResolver(
  { kubernetesFile: file }: AttributionOptions,
  { env, clock }: CommandIo,
  serverIps: readonly string[],
) {
  const { fetchPods } = await import('../doctor/attribution/kubernetes/fetch-pods.js');
  const { createKubernetesResolver } =
    await import('../doctor/attribution/kubernetes/kubernetes-resolver.js');
  const pods = await fetchPods({ ...(file !== undefined && { file }), env: { ...env } }, clock);
  return createKubernetesResolver(pods, serverIps);
}

async function loadLocalResolvers(
  options: AttributionOptions,
  peers: readonly Peer[],
): Promise<readonly Resolver[]> {
  const hasLocalPeer = peers.some(({ port, kind }) => port !== undefined && kind === 'client');
  if (!options.processes || !hasLocalPeer) return [];
  const { loadProcessResolver } = await import('../doctor/attribution/process/process-resolver.js');
  return [await loadProcessResolver(peers)];
}
