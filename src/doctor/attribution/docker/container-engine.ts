import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../core/clock.js';
import { HygieneError } from '../../../core/errors.js';
import { type Answer, ask, type Json, list, object, text } from '../http-json.js';
import { normaliseIp } from '../ip-address.js';

/** How the engine is asked. */
export interface ContainerFetchOptions {
  /** `unix:///path`, `tcp://host:port` or `http://host:port`. @default DOCKER_HOST, then the usual sockets */
  readonly host?: string;
  /** Milliseconds for each place that is asked. @default 5000 */
  readonly timeoutMs?: number;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

const TIMEOUT_MS = 5_000;
/** A container takes 1 to 3 KB of the answer (measured: 1.1 KB with one network and Compose's labels). */
const MAX_BYTES = 64 * 2 ** 20;

type Failure = Exclude<Answer, { readonly kind: 'answer' }> & { readonly place: EngineAddress };

/**
 * Asks the engine, in one call, for its running containers.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export async function fetchContainers(
  { host, timeoutMs = TIMEOUT_MS, env = process.env }: ContainerFetchOptions = {},
  clock: Clock = systemClock,
): Promise<readonly Container[]> {
  return fetchFrom(engineAddresses(host, env), timeoutMs, clock);
}

/**
 * Asks one place after the other, until one answers.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export async function fetchFrom(
  places: readonly EngineAddress[],
  timeoutMs: number,
  clock: Clock,
): Promise<readonly Container[]> {
  const failures: Failure[] = [];
  for (const place of places) {
    const dial = () => request({ ...place.target, path: '/containers/json', agent: false });
    const answer = await ask(dial, { timeoutMs, maxBytes: MAX_BYTES }, clock);
    if (answer.kind === 'answer') return readAnswer(answer, place);
    failures.push({ ...answer, place });
  }
  throw unavailable(failures);
}

function readAnswer(
  { status, body }: Extract<Answer, { kind: 'answer' }>,
  place: EngineAddress,
): Container[] {
  const json = status === 200 ? parse(body) : undefined;
  if (Array.isArray(json)) return json.map(readContainer);
  throw strange(place, `status ${status} and "${body.slice(0, 80).replace(/\s+/g, ' ').trim()}"`);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // told with the first words of the body
  }
}

function strange({ label }: EngineAddress, got: string): HygieneError {
  const what = `At ${label}, ${got} came, expected a list of containers as JSON: does docker ps work with the same DOCKER_HOST?`;
  return sourceError(what, { place: label, got });
}

/** The most telling failure: an engine that is there, but not for us, tells more than sockets that do not exist. */
function unavailable(failures: readonly Failure[]): HygieneError {
  const found = failures.filter(({ kind }) => kind !== 'absent');
  const broken = found.find(({ kind }) => kind === 'broken');
  if (broken) return strange(broken.place, broken.why);
  const places = (found.length > 0 ? found : failures).map(({ place, why }) => `${place.label} (${why})`);
  const what = found.some(({ kind }) => kind === 'forbidden')
    ? `This user may not ask the container engine: ${places.join(', ')}. Use sudo, or join the group docker.`
    : `No container engine answers: ${places.join(', ')}. Start it, or let DOCKER_HOST name its socket.`;
  return sourceError(what, { places });
}

function sourceError(what: string, details: Readonly<Record<string, unknown>>): HygieneError {
  return new HygieneError('HYG_ATTRIBUTION_SOURCE', what, { details: { source: 'docker', ...details } });
}

/** Where an engine may listen, as `node:http` takes it. */
export interface EngineAddress {
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
export function engineAddresses(host: string | undefined, env: NodeJS.ProcessEnv): readonly EngineAddress[] {
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

function parseHost(named: string): EngineAddress {
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
