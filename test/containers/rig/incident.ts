import { randomBytes } from 'node:crypto';
import { Network, type StartedNetwork } from 'testcontainers';
import { importImage, type Image } from './image.js';
import { startJob, type Running } from './start.js';

/** A service of the incident. */
export interface Service {
  readonly service: string;
  readonly connections: number;
  readonly kind: 'leaks' | 'healthy';
}

/** A Redis and its services, each in a container of one network. */
export interface Incident extends AsyncDisposable {
  readonly redis: Running;
  /** From here. */
  readonly url: string;
  readonly services: readonly (Service & Running)[];
}

const PORT = 6379;
/** What Redis keeps for its own files (CONFIG_MIN_RESERVED_FDS of its server.h). */
const RESERVED_FILES = 32;
/** Of a Node process besides its sockets: 20 or so. */
const OWN_FILES = 100;
/** 9676 connections on two cores take 12 s. */
const OPEN_MS = 300_000;

/** Builds it in the engine that DOCKER_HOST names. @throws Error, and then nothing is left */
export async function stageIncident(services: readonly Service[], maxclients: number): Promise<Incident> {
  const suffix = randomBytes(3).toString('hex');
  const started: AsyncDisposable[] = [];
  const keep = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => {
    const one = await starting;
    started.unshift(one);
    return one;
  };
  const dispose = async () => {
    for (const one of started.splice(0)) await one[Symbol.asyncDispose]();
  };
  try {
    const image = await keep(importImage(`redis-hygiene-incident:${suffix}`));
    const network = await keep(new Network().start());
    const redis = await keep(startRedisContainer({ image, network, suffix }, maxclients));
    const startOne = async (one: Service) => ({
      ...(await keep(startService({ image, network, suffix }, redis, one))),
      ...one,
    });
    const all = await Promise.all(services.map(startOne));
    const url = `redis://${redis.container.getHost()}:${redis.container.getMappedPort(PORT)}`;
    return { redis, url, services: all, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Place {
  readonly image: Image;
  readonly network: StartedNetwork;
  readonly suffix: string;
}

function startRedisContainer({ image, network, suffix }: Place, maxclients: number): Promise<Running> {
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
  place: Place,
  redis: Running,
  { service, connections, kind }: Service,
): Promise<Running> {
  return startJob({
    image: place.image.name,
    network: place.network,
    name: `${service}-${place.suffix}`,
    command: ['node', `programs/${kind}.mjs`],
    environment: {
      REDIS_URL: `redis://${redis.ip}:${PORT}`,
      CONNECTIONS: String(connections),
      SERVICE: service,
    },
    files: connections + OWN_FILES,
    upWhen: `opened ${connections}`,
    withinMs: OPEN_MS,
  });
}
