import { GenericContainer, Wait, type StartedNetwork, type StartedTestContainer } from 'testcontainers';
import { findEngine } from '../../support/redis/docker/engine.js';
import { containerReaper, type Reaper } from '../../support/redis/docker/reaper.js';
import { tail } from '../../support/redis/tail.js';
import { reason } from '../../support/redis/errors.js';

/** A command in a container, and the line that it prints when it is up. */
export interface Job {
  readonly image: string;
  /** A network, or the owner of a shared network stack: `host` or `container:ID`. */
  readonly network: StartedNetwork | 'host' | `container:${string}`;
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  /** Limit of open files. */
  readonly files: number;
  /** A line that the command prints when it is up. The image has no shell for a check inside of the container. */
  readonly upWhen: string;
  readonly withinMs: number;
}

/** A container that is removed when this process ends, however it ends. */
export interface StartedJob extends AsyncDisposable {
  readonly container: StartedTestContainer;
  readonly name: string;
  /** Address in the container's network, or `''` if it has no address of its own. */
  readonly ip: string;
}

/** Starts a container and waits until it is up. @throws Error with the container's last lines */
export async function startJob(job: Job): Promise<StartedJob> {
  const reaper = containerReaper(await findEngine());
  const lines = tail();
  try {
    const container = await define(job, reaper)
      .withLogConsumer((stream) => stream.on('data', lines.add))
      .start();
    return {
      container,
      name: job.name,
      ip: typeof job.network === 'string' ? '' : container.getIpAddress(job.network.getName()),
      async [Symbol.asyncDispose]() {
        await container.stop({ timeout: 0 }).finally(() => reaper.release());
      },
    };
  } catch (error) {
    reaper.release();
    throw new Error(`${job.name} did not come up: ${reason(error)} ${lines.text()}`, { cause: error });
  }
}

function define(job: Job, reaper: Reaper): GenericContainer {
  // Registered at its creation, because testcontainers does not remove a container that ends while it waits for it.
  class ReapedContainer extends GenericContainer {
    protected override containerCreated(id: string): Promise<void> {
      reaper.take(id);
      return Promise.resolve();
    }
  }
  const definition = new ReapedContainer(job.image);
  if (typeof job.network === 'string') definition.withNetworkMode(job.network);
  else definition.withNetwork(job.network);
  return definition
    .withName(job.name)
    .withLabels({ ...job.labels })
    .withCommand([...job.command])
    .withEnvironment({ ...job.environment })
    .withExposedPorts(...(job.ports ?? []))
    .withUlimits({ nofile: { soft: job.files, hard: job.files } })
    .withWaitStrategy(Wait.forLogMessage(job.upWhen))
    .withStartupTimeout(job.withinMs);
}
