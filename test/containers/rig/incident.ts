import { randomBytes } from 'node:crypto';
import { Network, type StartedNetwork } from 'testcontainers';
import { importImage, type Image } from './image.js';
import { startJob, type StartedJob } from './start.js';

/** A service of the incident. */
export interface Service {
  readonly service: string;
  readonly connections: number;
  readonly kind: 'leaks' | 'healthy';
}

/** A Redis server and its services, each in a container of the same network. */
export interface Incident extends AsyncDisposable {
  readonly redis: StartedJob;
  /** URL of the server for this process. */
  readonly url: string;
  readonly services: readonly (Service & StartedJob)[];
}

const PORT = 6379;
/** Number of file descriptors that Redis reserves for itself (CONFIG_MIN_RESERVED_FDS in server.h). */
const RESERVED_FILES = 32;
/** Open files of a Node process besides its sockets. It needs about 20. */
const NODE_FILES = 100;
/** Time limit for opening the connections. 9676 connections take 12 s on two cores. */
const OPEN_MS = 300_000;

/** Starts the containers in the engine that DOCKER_HOST names. @throws Error after everything has been removed */
export async function startIncident(services: readonly Service[], maxclients: number): Promise<Incident> {
  const suffix = randomBytes(3).toString('hex');
  const started: AsyncDisposable[] = [];
  const keep = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => {
    const resource = await starting;
    started.unshift(resource);
    return resource;
  };
  const dispose = async () => {
    for (const resource of started.splice(0)) await resource[Symbol.asyncDispose]();
  };
  try {
    const image = await keep(importImage(`redis-hygiene-incident:${suffix}`));
    const network = await keep(new Network().start());
    const redis = await keep(startRedisContainer({ image, network, suffix }, maxclients));
    const startOne = async (service: Service) => ({
      ...(await keep(startService({ image, network, suffix }, redis, service))),
      ...service,
    });
    const startedServices = await Promise.all(services.map(startOne));
    const url = `redis://${redis.container.getHost()}:${redis.container.getMappedPort(PORT)}`;
    return { redis, url, services: startedServices, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface JobSetup {
  readonly image: Image;
  readonly network: StartedNetwork;
  readonly suffix: string;
}

function startRedisContainer({ image, network, suffix }: JobSetup, maxclients: number): Promise<StartedJob> {
  const command = [
    'redis-server',
    '--protected-mode',
    'no',
    '--save',
    '',
    '--maxclients',
    String(maxclients),
  ];
  return startJob({
    image: image.name,
    network,
    name: `redis-${suffix}`,
    command,
    ports: [PORT],
    files: maxclients + RESERVED_FILES,
    upWhen: 'Ready to accept connections',
    withinMs: 30_000,
  });
}

function startService(
  setup: JobSetup,
  redis: StartedJob,
  { service, connections, kind }: Service,
): Promise<StartedJob> {
  return startJob({
    image: setup.image.name,
    network: setup.network,
    name: `${service}-${setup.suffix}`,
    command: ['node', `programs/${kind}.mjs`],
    environment: {
      REDIS_URL: `redis://${redis.ip}:${PORT}`,
      CONNECTIONS: String(connections),
      SERVICE: service,
    },
    files: connections + NODE_FILES,
    upWhen: `opened ${connections}`,
    withinMs: OPEN_MS,
  });
}
