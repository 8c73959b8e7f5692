import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../core/clock.js';
import { HygieneError } from '../../../core/errors.js';
import { asList, asObject, asText, type JsonObject, type RequestOutcome, sendRequest } from '../http-json.js';
import { normalizeIp } from '../ip-address.js';

/** A running container, as its engine reports it. */
export interface Container {
  readonly id: string;
  /** Name without the leading slash. */
  readonly name: string;
  readonly image: string;
  /** Project of Compose, or Swarm stack. */
  readonly project: string | undefined;
  /** Service of Compose, or of Swarm. */
  readonly service: string | undefined;
  readonly networks: readonly Attachment[];
  /** Network stack that the container uses: its own, the machine's, or that of another container (id or name). */
  readonly stack: { readonly kind: 'own' | 'host' } | { readonly kind: 'container'; readonly of: string };
}

/** Attachment of a container to one network. */
export interface Attachment {
  readonly network: string;
  /** Canonical IPv4 and IPv6 addresses of the container. */
  readonly addresses: readonly string[];
  /** Canonical addresses of the machine itself in this network. */
  readonly gateways: readonly string[];
}

/** Options of `fetchContainers`. */
export interface ContainerFetchOptions {
  /** `unix:///path`, `tcp://host:port` or `http://host:port`. @default DOCKER_HOST, then the usual sockets */
  readonly host?: string;
  /** Milliseconds for each address that is tried. @default 5000 */
  readonly timeoutMs?: number;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/** A container takes 1 to 3 KB of the answer (measured: 1.1 KB with one network and Compose's labels). */
const MAX_BODY_BYTES = 64 * 2 ** 20;

/**
 * Fetches the running containers from the engine, in one request.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export async function fetchContainers(
  { host, timeoutMs = DEFAULT_TIMEOUT_MS, env = process.env }: ContainerFetchOptions = {},
  clock: Clock = systemClock,
): Promise<readonly Container[]> {
  return fetchFromFirst(engineAddresses(host, env), timeoutMs, clock);
}

/**
 * Tries the addresses one after the other and returns the containers of the first engine that answers.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export async function fetchFromFirst(
  addresses: readonly EngineAddress[],
  timeoutMs: number,
  clock: Clock,
): Promise<readonly Container[]> {
  const failures: EngineFailure[] = [];
  for (const address of addresses) {
    const createRequest = () => request({ ...address.target, path: '/containers/json', agent: false });
    const outcome = await sendRequest(createRequest, { timeoutMs, maxBytes: MAX_BODY_BYTES }, clock);
    if (outcome.kind === 'response') return readResponse(outcome, address);
    failures.push({ ...outcome, address });
  }
  throw noEngineError(failures);
}

type EngineFailure = Exclude<RequestOutcome, { readonly kind: 'response' }> & {
  readonly address: EngineAddress;
};

function readResponse(
  { status, body }: Extract<RequestOutcome, { kind: 'response' }>,
  address: EngineAddress,
): Container[] {
  const json = status === 200 ? parseJson(body) : undefined;
  if (Array.isArray(json)) return json.map(readContainer);
  throw unexpectedAnswerError(
    address,
    `status ${status} and "${body.slice(0, 80).replace(/\s+/g, ' ').trim()}"`,
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // the error message quotes the beginning of the body
  }
}

function unexpectedAnswerError({ label }: EngineAddress, got: string): HygieneError {
  const what = `${label} answered with ${got}, expected a list of containers as JSON. Check that docker ps works with the same DOCKER_HOST.`;
  return sourceError(what, { place: label, got });
}

/** Reports the most informative failures: an engine that exists but refuses this user matters more than missing sockets. */
function noEngineError(failures: readonly EngineFailure[]): HygieneError {
  const present = failures.filter(({ kind }) => kind !== 'absent');
  const broken = present.find(({ kind }) => kind === 'broken');
  if (broken) return unexpectedAnswerError(broken.address, broken.reason);
  const reported = present.length > 0 ? present : failures;
  const places = reported.map(({ address, reason }) => `${address.label} (${reason})`);
  const what = present.some(({ kind }) => kind === 'forbidden')
    ? `This user may not access the container engine: ${places.join(', ')}. Use sudo, or add the user to the group docker.`
    : `No container engine answers: ${places.join(', ')}. Start it, or set DOCKER_HOST to its socket.`;
  return sourceError(what, { places });
}

function sourceError(what: string, details: Readonly<Record<string, unknown>>): HygieneError {
  return new HygieneError('HYG_ATTRIBUTION_SOURCE', what, { details: { source: 'docker', ...details } });
}

/** An address where an engine may listen, in the form that `node:http` takes. */
export interface EngineAddress {
  /** Text for messages. */
  readonly label: string;
  readonly target: { readonly socketPath: string } | { readonly host: string; readonly port: number };
}

/** Default port of an engine without TLS, as in the `docker` command. */
const DEFAULT_PORT = 2375;

/**
 * Addresses to try: the given host, else DOCKER_HOST, else the usual sockets of Docker and then of Podman.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE` if the host has another form
 */
export function engineAddresses(host: string | undefined, env: NodeJS.ProcessEnv): readonly EngineAddress[] {
  const givenHost = host ?? env['DOCKER_HOST'];
  if (givenHost) return [parseHost(givenHost)];
  const runtimeFolder = env['XDG_RUNTIME_DIR'];
  const sockets = [
    '/var/run/docker.sock',
    ...(runtimeFolder ? [join(runtimeFolder, 'docker.sock')] : []), // rootless
    join(homedir(), '.docker/run/docker.sock'), // Docker Desktop
    ...(runtimeFolder ? [join(runtimeFolder, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
  ];
  return sockets.map((socketPath) => ({ label: socketPath, target: { socketPath } }));
}

function parseHost(givenHost: string): EngineAddress {
  // Docker reads this as a path, not as a URL.
  const socketPath = /^unix:\/\/(\/.+)$/.exec(givenHost)?.[1];
  if (socketPath !== undefined) return { label: socketPath, target: { socketPath } };
  const url = URL.canParse(givenHost) ? new URL(givenHost) : undefined;
  if ((url?.protocol === 'tcp:' || url?.protocol === 'http:') && url.hostname !== '') {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // `URL` drops the port 80 of an http: URL.
    const port = Number(url.port || (url.protocol === 'http:' ? 80 : DEFAULT_PORT));
    return { label: `${url.hostname}:${port}`, target: { host, port } };
  }
  throw new HygieneError(
    'HYG_ATTRIBUTION_SOURCE',
    `The Docker host is "${givenHost}", expected unix:///path/to/the.sock, tcp://host:port or http://host:port. An engine behind TLS or SSH needs a tunnel to its socket: ssh -NL /tmp/docker.sock:/var/run/docker.sock HOST.`,
    { details: { source: 'docker', host: givenHost } },
  );
}

/** Reads one element of the answer to `GET /containers/json`, of Docker and of Podman. */
export function readContainer(value: unknown): Container {
  const json = asObject(value);
  const id = asText(json['Id']) ?? '';
  const label = labelReader(json);
  const networks = asObject(asObject(json['NetworkSettings'])['Networks']);
  return {
    id,
    name: nameOf(json) ?? id.slice(0, 12),
    image: asText(json['Image']) ?? '',
    project: label('com.docker.compose.project') ?? label('com.docker.stack.namespace'),
    service: label('com.docker.compose.service') ?? label('com.docker.swarm.service.name'),
    networks: Object.entries(networks).map(readAttachment),
    stack: stackOf(asText(asObject(json['HostConfig'])['NetworkMode']) ?? ''),
  };
}

/** The container's own name. Names with a second slash belong to legacy links: `/web/database`. */
function nameOf(json: JsonObject): string | undefined {
  const names = asList(json['Names']).map((name) => (asText(name) ?? '').replace(/^\//, ''));
  return names.find((name) => name !== '' && !name.includes('/'));
}

function labelReader(json: JsonObject): (name: string) => string | undefined {
  const labels = asObject(json['Labels']);
  return (name) => asText(labels[name]);
}

function readAttachment([network, value]: [string, unknown]): Attachment {
  const json = asObject(value);
  const readAddresses = (...fields: string[]) =>
    fields.flatMap((field) => normalizeIp(asText(json[field]) ?? '') ?? []);
  return {
    network,
    addresses: readAddresses('IPAddress', 'GlobalIPv6Address'),
    gateways: readAddresses('Gateway', 'IPv6Gateway'),
  };
}

function stackOf(networkMode: string): Container['stack'] {
  const [, of] = /^container:(.*)$/s.exec(networkMode) ?? [];
  if (of !== undefined) return { kind: 'container', of };
  return { kind: networkMode === 'host' ? 'host' : 'own' };
}
