import type { Attribution, Confidence, Resolver } from '../attribution.js';
import { normalizeIp } from '../ip-address.js';
import type { Attachment, Container } from './container-engine.js';

/**
 * Names containers by their addresses.
 *
 * @param serverIps the servers' ends of the connections (`laddr`), where they are known. An address identifies the same
 *   container for this engine and for the server only if both are in one network. Otherwise an attribution is `likely` at
 *   best.
 */
export function createDockerResolver(
  containers: readonly Container[],
  serverIps: Iterable<string> = [],
): Resolver {
  const index = createContainerIndex(containers);
  const serverNetworks = new Set([...serverIps].flatMap((ip) => [...index.networksOf(ip)]));
  return {
    source: 'container',
    attribute({ ip }) {
      const occupant = index.find(ip);
      if (!occupant) return undefined;
      return attributionFor(ip, occupant, serverNetworks.has(occupant.network) ? 'certain' : 'likely');
    },
  };
}

function attributionFor(ip: string, occupant: ContainerOccupant, confidence: Confidence): Attribution {
  if (occupant.kind === 'container') return attributionOfContainer(occupant.container, confidence);
  const { why, network, candidates } = occupant;
  const names = candidates.map(({ name }) => name);
  if (why === 'shared') {
    return {
      owner: names.join(' + '),
      source: 'container',
      confidence: 'likely',
      note: 'these containers share one network stack',
    };
  }
  const note = why === 'gateway' ? gatewayNote(network, names) : `used by ${names.join(' and ')}`;
  return { owner: ip, source: 'container', confidence: 'ambiguous', note };
}

function attributionOfContainer({ name, service, image }: Container, confidence: Confidence): Attribution {
  return {
    owner: name,
    source: 'container',
    confidence,
    host: name,
    note: image,
    ...(service !== undefined && { service }),
  };
}

function gatewayNote(network: string, hostNetworkNames: readonly string[]): string {
  const also =
    hostNetworkNames.length > 0 ? `, containers in the host network (${hostNetworkNames.join(', ')})` : '';
  return `gateway of ${network}: processes of the host${also}, or clients that came through a published port`;
}

/** The holder of an address, as far as the engine can tell. */
export type ContainerOccupant =
  | { readonly kind: 'container'; readonly container: Container; readonly network: string }
  | {
      readonly kind: 'ambiguous';
      /**
       * - `gateway`: the machine's own address in a network. Its processes, containers in the host network, and clients of
       *   published ports use it.
       * - `shared`: several containers use one network stack.
       * - `taken-twice`: several networks use the same addresses.
       */
      readonly why: 'gateway' | 'shared' | 'taken-twice';
      readonly network: string;
      /** Containers that may hold the address. */
      readonly candidates: readonly Container[];
    };

/** Finds the holder of an address. */
export interface ContainerIndex {
  find(ip: string): ContainerOccupant | undefined;
  /** Networks in which the address belongs to a container or to the machine. */
  networksOf(ip: string): ReadonlySet<string>;
}

/** A use of an address. */
interface AddressEntry {
  /** `undefined` for the machine itself. */
  readonly container: Container | undefined;
  readonly network: string;
}

/** Indexes containers by their addresses. */
export function createContainerIndex(containers: readonly Container[]): ContainerIndex {
  const entriesByIp = indexByIp(containers);
  const onHostNetwork = containers.filter(
    (container) => stackOwnerOf(container, containers).stack.kind === 'host',
  );
  const entriesOf = (ip: string) => entriesByIp.get(normalizeIp(ip) ?? ip) ?? [];
  return {
    find(ip) {
      const entries = entriesOf(ip);
      return entries.length > 0 ? occupantOf(entries, onHostNetwork) : undefined;
    },
    networksOf: (ip) => new Set(entriesOf(ip).map(({ network }) => network)),
  };
}

function indexByIp(containers: readonly Container[]): ReadonlyMap<string, readonly AddressEntry[]> {
  const entriesByIp = new Map<string, AddressEntry[]>();
  const add = (ip: string, entry: AddressEntry) =>
    void entriesByIp.set(ip, [...(entriesByIp.get(ip) ?? []), entry]);
  for (const container of containers) {
    for (const { network, addresses } of attachmentsOf(container, containers)) {
      for (const ip of addresses) add(ip, { container, network });
    }
  }
  for (const [ip, network] of gatewaysOf(containers)) add(ip, { container: undefined, network });
  return entriesByIp;
}

/**
 * The networks of a container. For a shared network stack, Podman lists the addresses with every container, Docker only with
 * the container that owns the stack.
 */
function attachmentsOf(container: Container, all: readonly Container[]): readonly Attachment[] {
  return container.networks.length > 0 ? container.networks : stackOwnerOf(container, all).networks;
}

/** The container whose network stack this container uses; usually itself. */
function stackOwnerOf(container: Container, all: readonly Container[]): Container {
  const { stack } = container;
  if (stack.kind !== 'container') return container;
  return all.find(({ id, name }) => id === stack.of || name === stack.of) ?? container;
}

function gatewaysOf(containers: readonly Container[]): ReadonlyMap<string, string> {
  const attachments = containers.flatMap(({ networks }) => networks);
  return new Map(
    attachments.flatMap(({ network, gateways }) => gateways.map((ip) => [ip, network] as const)),
  );
}

function occupantOf(
  entries: readonly AddressEntry[],
  onHostNetwork: readonly Container[],
): ContainerOccupant {
  const [network = ''] = entries.map((entry) => entry.network);
  const holders = new Set(entries.flatMap(({ container }) => container ?? []));
  if (holders.size === 0) return { kind: 'ambiguous', why: 'gateway', network, candidates: onHostNetwork };
  const candidates = withoutPause([...holders]).sort((one, other) => (one.name < other.name ? -1 : 1));
  const isOneStack = entries.every((entry) => entry.container && entry.network === network);
  if (!isOneStack && (holders.size > 1 || entries.some(({ container }) => !container))) {
    return { kind: 'ambiguous', why: 'taken-twice', network, candidates };
  }
  const [container] = candidates;
  if (container && candidates.length === 1) return { kind: 'container', container, network };
  return { kind: 'ambiguous', why: 'shared', network, candidates };
}

/** Image of a container that only keeps the network of a pod alive. It opens no connections. */
const PAUSE_IMAGE = /(^|[/-])pause([:@]|$)/;

function withoutPause(containers: readonly Container[]): Container[] {
  const active = containers.filter(({ image }) => !PAUSE_IMAGE.test(image));
  return active.length > 0 ? active : [...containers];
}
