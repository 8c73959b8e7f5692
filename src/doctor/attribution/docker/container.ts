import { normaliseIp } from '../ip.js';
import { list, object, text, type Json } from '../json.js';

/** A running container, as its engine knows it. */
export interface Container {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  /** Of Compose, or of a Swarm stack. */
  readonly project: string | undefined;
  /** Of Compose, or of Swarm. */
  readonly service: string | undefined;
  readonly networks: readonly Attachment[];
  /** Whose network it lives in: its own networks, those of another container, or the machine's. */
  readonly stack: { readonly kind: 'own' | 'host' } | { readonly kind: 'container'; readonly of: string };
}

/** A container's place in a network. */
export interface Attachment {
  readonly network: string;
  /** IPv4 and IPv6, normalised. */
  readonly addresses: readonly string[];
  /** The machine's own addresses in this network. */
  readonly gateways: readonly string[];
}

/** Reads one element of the answer to `GET /containers/json`, of Docker and of Podman. */
export function readContainer(value: unknown): Container {
  const json = object(value);
  const id = text(json['Id']) ?? '';
  const label = labelsOf(json);
  return {
    id,
    name: nameOf(json) ?? id.slice(0, 12),
    image: text(json['Image']) ?? '',
    project: label('com.docker.compose.project') ?? label('com.docker.stack.namespace'),
    service: label('com.docker.compose.service') ?? label('com.docker.swarm.service.name'),
    networks: Object.entries(object(object(json['NetworkSettings'])['Networks'])).map(readAttachment),
    stack: stackOf(text(object(json['HostConfig'])['NetworkMode']) ?? ''),
  };
}

/** Names with another slash in them are those of legacy links: `/web/database`. */
function nameOf(json: Json): string | undefined {
  const names = list(json['Names']).map((name) => (text(name) ?? '').replace(/^\//, ''));
  return names.find((name) => name !== '' && !name.includes('/'));
}

function labelsOf(json: Json): (name: string) => string | undefined {
  const labels = object(json['Labels']);
  return (name) => text(labels[name]);
}

function readAttachment([network, value]: [string, unknown]): Attachment {
  const json = object(value);
  const present = (...names: string[]) => names.flatMap((name) => normaliseIp(text(json[name]) ?? '') ?? []);
  return {
    network,
    addresses: present('IPAddress', 'GlobalIPv6Address'),
    gateways: present('Gateway', 'IPv6Gateway'),
  };
}

function stackOf(mode: string): Container['stack'] {
  if (mode.startsWith('container:')) return { kind: 'container', of: mode.slice('container:'.length) };
  return { kind: mode === 'host' ? 'host' : 'own' };
}
