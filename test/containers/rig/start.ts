import { GenericContainer, Wait, type StartedNetwork, type StartedTestContainer } from 'testcontainers';
import { findEngine } from '../../support/redis/docker/engine.js';
import { containerReaper, type Reaper } from '../../support/redis/docker/reaper.js';
import { tail } from '../../support/redis/tail.js';
import { reason } from '../../support/redis/errors.js';

/** What runs in a container, and when it is up. */
export interface Job {
  readonly image: string;
  /** A network, or whose network stack it lives in: `host`, or `container:ID`. */
  readonly network: StartedNetwork | 'host' | `container:${string}`;
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  /** The limit of open files. */
  readonly files: number;
  /** A line that it prints when it is up; the image has no shell to look from inside. */
  readonly upWhen: string;
  readonly withinMs: number;
}

/** A container that does not outlive this process. */
export interface Running extends AsyncDisposable {
  readonly container: StartedTestContainer;
  readonly name: string;
  /** Its address in its network; `''` where it has none of its own. */
  readonly ip: string;
}

/** @throws Error with the container's last lines */
export async function startJob(job: Job): Promise<Running> {
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
  // From its creation on: testcontainers forgets a container that ends while it waits for it.
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
