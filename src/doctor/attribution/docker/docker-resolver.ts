import type { Attribution, Confidence, Resolver } from '../attribution.js';
import { normaliseIp } from '../ip-address.js';
import type { Attachment, Container } from './container-engine.js';

/**
 * Names containers by their addresses.
 *
 * @param serverIps the servers' ends of the connections (`laddr`), where they are known. An address means the same
 *   container to this engine and to the server only where both are in one network: else an attribution is `likely` at best.
 */
export function dockerResolver(containers: readonly Container[], serverIps: Iterable<string> = []): Resolver {
  const index = containerIndex(containers);
  const known = new Set([...serverIps].flatMap((ip) => [...index.networksOf(ip)]));
  return {
    source: 'container',
    attribute({ ip }) {
      const occupant = index.find(ip);
      return occupant && attributionOn(ip, occupant, known.has(occupant.network) ? 'certain' : 'likely');
    },
  };
}

function attributionOn(ip: string, occupant: ContainerOccupant, confidence: Confidence): Attribution {
  if (occupant.kind === 'container') return attributionOf(occupant.container, confidence);
  const { why, network, candidates } = occupant;
  const names = candidates.map(({ name }) => name);
  if (why === 'shared') {
    return {
      owner: names.join(' + '),
      source: 'container',
      confidence: 'likely',
      note: 'they share one network',
    };
  }
  const note = why === 'gateway' ? gatewayNote(network, names) : `taken by ${names.join(' and ')}`;
  return { owner: ip, source: 'container', confidence: 'ambiguous', note };
}

function attributionOf({ name, service, image }: Container, confidence: Confidence): Attribution {
  return {
    owner: name,
    source: 'container',
    confidence,
    host: name,
    note: image,
    ...(service !== undefined && { service }),
  };
}

function gatewayNote(network: string, hosted: readonly string[]): string {
  const also = hosted.length > 0 ? `, containers with the machine's network (${hosted.join(', ')})` : '';
  return `gateway of ${network}: processes of the machine${also}, or whoever came through a published port`;
}

/** Who has an address, as far as the engine can tell. */
export type ContainerOccupant =
  | { readonly kind: 'container'; readonly container: Container; readonly network: string }
  | {
      readonly kind: 'ambiguous';
      /**
       * `gateway`: the machine's own address in a network, for its processes, containers with its network, and whoever comes
       * through a published port. `shared`: several containers live in one network stack. `taken-twice`: networks with the
       * same addresses.
       */
      readonly why: 'gateway' | 'shared' | 'taken-twice';
      readonly network: string;
      /** Those whom it may stand for, as far as they are containers. */
      readonly candidates: readonly Container[];
    };

/** Finds who has an address. */
export interface ContainerIndex {
  find(ip: string): ContainerOccupant | undefined;
  /** The networks in which an address is a container's or the machine's. */
  networksOf(ip: string): ReadonlySet<string>;
}

interface Entry {
  /** Missing for the machine itself. */
  readonly container: Container | undefined;
  readonly network: string;
}

/** A container that only holds a pod's network: it opens no connections. */
const PAUSE_IMAGE = /(^|[/-])pause([:@]|$)/;

/** Orders containers by their addresses. */
export function containerIndex(containers: readonly Container[]): ContainerIndex {
  const entries = entriesByIp(containers);
  const hosted = containers.filter((container) => stackOf(container, containers).stack.kind === 'host');
  const entriesOf = (ip: string) => entries.get(normaliseIp(ip) ?? ip) ?? [];
  return {
    find(ip) {
      const found = entriesOf(ip);
      return found.length > 0 ? occupantOf(found, hosted) : undefined;
    },
    networksOf: (ip) => new Set(entriesOf(ip).map(({ network }) => network)),
  };
}

function entriesByIp(containers: readonly Container[]): ReadonlyMap<string, readonly Entry[]> {
  const entries = new Map<string, Entry[]>();
  const enter = (ip: string, entry: Entry) => void entries.set(ip, [...(entries.get(ip) ?? []), entry]);
  for (const container of containers) {
    for (const { network, addresses } of attachmentsOf(container, containers)) {
      for (const ip of addresses) enter(ip, { container, network });
    }
  }
  for (const [ip, network] of gatewaysOf(containers)) enter(ip, { container: undefined, network });
  return entries;
}

/** Podman lists the addresses of a shared stack with each of its containers; Docker with the one that made it. */
function attachmentsOf(container: Container, all: readonly Container[]): readonly Attachment[] {
  return container.networks.length > 0 ? container.networks : stackOf(container, all).networks;
}

/** The container whose network stack it lives in: its own, mostly. */
function stackOf(container: Container, all: readonly Container[]): Container {
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

function occupantOf(entries: readonly Entry[], hosted: readonly Container[]): ContainerOccupant {
  const [network = ''] = entries.map((entry) => entry.network);
  const found = new Set(entries.flatMap(({ container }) => container ?? []));
  if (found.size === 0) return { kind: 'ambiguous', why: 'gateway', network, candidates: hosted };
  const candidates = withoutPause([...found]).sort((one, other) => (one.name < other.name ? -1 : 1));
  const isOneStack = entries.every((entry) => entry.container && entry.network === network);
  if (!isOneStack && (found.size > 1 || entries.some(({ container }) => !container))) {
    return { kind: 'ambiguous', why: 'taken-twice', network, candidates };
  }
  const [container] = candidates;
  if (container && candidates.length === 1) return { kind: 'container', container, network };
  return { kind: 'ambiguous', why: 'shared', network, candidates };
}

function withoutPause(containers: readonly Container[]): Container[] {
  const active = containers.filter(({ image }) => !PAUSE_IMAGE.test(image));
  return active.length > 0 ? active : [...containers];
}
