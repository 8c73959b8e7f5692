import type { Command } from 'commander';
import { HygieneError } from '../core/errors.js';
import type { AttributePeers, AttributionResult } from '../doctor/attribution/attribute.js';
import type { Resolver } from '../doctor/attribution/attribution.js';
import { splitAddr } from '../doctor/attribution/ip-address.js';
import type { PeerList } from '../doctor/attribution/peer-columns.js';
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
 * grouping needs them. A source that cannot be asked is a warning, and the others are still used.
 */
export function createPeerAttribution(
  options: AttributionOptions,
  sources: readonly RowSource[],
  io: CommandIo,
  console: Console,
): AttributePeers {
  return attributeWith(options, sources, { io, console, onUnavailable: warnOf(console) });
}

/**
 * Attributes peers as `createPeerAttribution` does, but fails without a source that an option names: a filter such as
 * `owner!=orders@*` would select other connections without it.
 *
 * @returns a function that rejects with `HYG_ATTRIBUTION_SOURCE` or `HYG_CLI_FILE` if a named source cannot be read
 */
export function createStrictPeerAttribution(
  options: AttributionOptions,
  sources: readonly RowSource[],
  io: CommandIo,
  console: Console,
): AttributePeers {
  const onUnavailable: OnUnavailable = (_, error) => {
    throw error;
  };
  return attributeWith(options, sources, { io, console, onUnavailable });
}

/** Called if a source cannot be asked, with its name for messages. Throws if the command cannot go on. */
type OnUnavailable = (source: string, error: unknown) => undefined;

/** Warns that a source is not used. Its own errors say what to do; others are quoted with the name of the source. */
function warnOf(console: Console): OnUnavailable {
  return (source, error) => {
    const message = error instanceof Error ? error.message : String(error);
    const why = error instanceof HygieneError ? message : `The source "${source}" failed: ${message}.`;
    console.warn(`${why} The command goes on without this source.`);
  };
}

interface AttributionContext {
  readonly io: CommandIo;
  readonly console: Console;
  readonly onUnavailable: OnUnavailable;
}

function attributeWith(
  options: AttributionOptions,
  sources: readonly RowSource[],
  context: AttributionContext,
): AttributePeers {
  let loaded: Promise<readonly Resolver[]> | undefined;
  const serverIps = sources.flatMap(({ own }) => (own?.laddr ? splitAddr(own.laddr).ip : []));
  return async (peers): Promise<AttributionResult> => {
    const resolvers = await (loaded ??= loadResolvers(options, serverIps, context));
    const { createAttributor } = await import('../doctor/attribution/attribute.js');
    const local = await loadEach(localSources(options, peers), context);
    const attributed = await createAttributor([...resolvers, ...local]).attribute(peers);
    attributed.warnings.forEach(context.console.warn);
    return attributed;
  };
}

/** Resolvers that need no list of peers. Each module is loaded only when its option is given. */
async function loadResolvers(
  options: AttributionOptions,
  serverIps: readonly string[],
  context: AttributionContext,
): Promise<readonly Resolver[]> {
  const { rowResolvers } = await import('../doctor/attribution/row-resolvers.js');
  return [...rowResolvers, ...(await loadEach(namedSources(options, context.io, serverIps), context))];
}

/** A source of attributions, and how its resolver is loaded. */
interface LoadableSource {
  readonly name: string;
  readonly load: () => Promise<Resolver>;
}

async function loadEach(
  sources: readonly LoadableSource[],
  { onUnavailable }: AttributionContext,
): Promise<readonly Resolver[]> {
  const loaded = await Promise.all(
    sources.map(({ name, load }) => load().catch((error: unknown) => onUnavailable(name, error))),
  );
  return loaded.filter((resolver) => resolver !== undefined);
}

/** The sources that options name. */
function namedSources(
  options: AttributionOptions,
  io: CommandIo,
  serverIps: readonly string[],
): readonly LoadableSource[] {
  const { docker, dockerSocket, kubernetes, kubernetesFile, hosts, dns } = options;
  const sources = {
    docker: (docker ?? dockerSocket) !== undefined && (() => loadDockerResolver(options, io, serverIps)),
    kubernetes:
      (kubernetes ?? kubernetesFile) !== undefined && (() => loadKubernetesResolver(options, io, serverIps)),
    hosts: hosts !== undefined && (() => loadHosts(hosts)),
    dns: dns === true && (() => loadDnsResolver(io)),
  };
  return Object.entries(sources).flatMap(([name, load]) => (load ? [{ name, load }] : []));
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

async function loadHosts(file: string): Promise<Resolver> {
  const { loadHostsResolver } = await import('../doctor/attribution/hosts-resolver.js');
  return loadHostsResolver(file);
}

async function loadDnsResolver({ clock }: CommandIo): Promise<Resolver> {
  const { createDnsResolver, createSystemLookup } = await import('../doctor/attribution/dns-resolver.js');
  return createDnsResolver(createSystemLookup(), clock);
}

/** The process table of this machine, if there is a client on it. */
function localSources({ processes }: AttributionOptions, peers: PeerList): readonly LoadableSource[] {
  if (!processes || !hasLocalClient(peers)) return [];
  const load = async () => {
    const { loadProcessResolver } = await import('../doctor/attribution/process/process-resolver.js');
    return loadProcessResolver(peers);
  };
  return [{ name: 'process', load }];
}

/** Only clients on this machine have a port. */
function hasLocalClient(peers: PeerList): boolean {
  for (const { port, kind } of peers) if (port !== undefined && kind === 'client') return true;
  return false;
}
