import type { StartedTestContainer } from 'testcontainers';
import { controls, type Controls } from '../controls.js';
import { readyEngine } from './image.js';
import { containerReaper, type Reaper } from './reaper.js';
import { reason, SourceUnavailable } from '../errors.js';
import { argumentsOf, redisUrl, type RedisServer, type StartOptions } from '../server.js';
import { tail, type Tail } from '../tail.js';
import { serverVersion, waitUntilReady } from '../wire.js';

const REDIS_PORT = 6379;
const READY_MS = 30_000;

/**
 * Starts a server in a container. Paths in `args` are paths of the container.
 * @throws SourceUnavailable if no engine answers, the image is not available, or the container does not come up
 */
export async function startContainer(options: StartOptions): Promise<RedisServer> {
  const { endpoint, image } = await readyEngine(options.onStep);
  options.onStep?.(`Starting a container of ${image}`);
  const lines = tail();
  const reaper = containerReaper(endpoint);
  try {
    const container = await launch(image, options, lines, reaper);
    return await containerServer(container, reaper, options.password);
  } catch (error) {
    reaper.release();
    throw new SourceUnavailable(`${image} did not come up: ${reason(error)} ${lines.text()}`);
  }
}

async function launch(
  image: string,
  options: StartOptions,
  lines: Tail,
  reaper: Reaper,
): Promise<StartedTestContainer> {
  const { GenericContainer } = await import('testcontainers');
  // Registered at its creation, because testcontainers does not remove a container that ends while it waits for its ports.
  class ReapedContainer extends GenericContainer {
    protected override containerCreated(id: string): Promise<void> {
      reaper.take(id);
      return Promise.resolve();
    }
  }
  const definition = new ReapedContainer(image)
    .withCommand(commandLine(options, await argumentsOf(options)))
    .withExposedPorts(REDIS_PORT)
    .withStartupTimeout(READY_MS)
    .withLogConsumer((stream) => stream.on('data', lines.add));
  if (options.dir !== undefined) {
    // Runs as the owner of the folder. The user of the image could not write there, or would become its owner.
    const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
    definition.withBindMounts([{ source: options.dir, target: '/data' }]).withUser(user);
  }
  return definition.start();
}

function commandLine({ password, dir }: StartOptions, args: readonly string[]): string[] {
  const secret = password === undefined ? [] : ['--requirepass', password];
  const place = dir === undefined ? [] : ['--dir', '/data'];
  // Protected mode refuses connections through the port mapping, because they do not come from a loopback address.
  const defaults = ['--protected-mode', 'no', '--save', '', '--appendonly', 'no'];
  return ['redis-server', ...defaults, ...secret, ...args, ...place, '--daemonize', 'no'];
}

async function containerServer(
  container: StartedTestContainer,
  reaper: Reaper,
  password: string | undefined,
): Promise<RedisServer> {
  // `localhost` may resolve to ::1, where Docker maps another port or none.
  const host = container.getHost().replace(/^localhost$/, '127.0.0.1');
  const port = container.getMappedPort(REDIS_PORT);
  const address = { host, port, ...(password !== undefined && { password }) };
  await waitUntilReady(address, { timeoutMs: READY_MS });
  return {
    url: redisUrl(host, port, password),
    host,
    port,
    source: 'docker',
    version: await serverVersion(address),
    ...(await containerControls(container, reaper)),
  };
}

async function containerControls(container: StartedTestContainer, reaper: Reaper): Promise<Controls> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const handle = (await getContainerRuntimeClient()).container.getById(container.getId());
  return controls({
    name: `container ${container.getName()}`,
    pause: () => handle.pause(),
    resume: () => handle.unpause(),
    async stop(from) {
      // A paused container does not handle the signal that stops it.
      if (from === 'paused') await handle.unpause();
      await container.stop().finally(() => reaper.release());
    },
  });
}
