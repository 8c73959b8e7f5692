import { randomBytes } from 'node:crypto';
import { Network } from 'testcontainers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContainerIndex } from '../../src/doctor/attribution/docker/docker-resolver.js';
import { fetchContainers } from '../../src/doctor/attribution/docker/container-engine.js';
import { containers } from './rig/containers.js';
import { importImage } from './rig/image.js';
import { startJob, type Job, type StartedJob } from './rig/start.js';

/** Starts the containers of the recorded replies in the unit tests on a real engine. */
containers('containers that share a network stack', () => {
  const suffix = randomBytes(3).toString('hex');
  const started: AsyncDisposable[] = [];
  let [orders, vpn, app, hosty]: StartedJob[] = [];

  const track = <T extends AsyncDisposable>(resource: T): T => {
    started.unshift(resource);
    return resource;
  };

  beforeAll(async () => {
    const image = track(await importImage(`redis-hygiene-docker:${suffix}`));
    const network = track(await new Network().start());
    const start = async (name: string, jobNetwork: Job['network'], labels = {}) =>
      track(
        await startJob({
          image: image.name,
          network: jobNetwork,
          name: `${name}-${suffix}`,
          command: ['node', '-e', 'console.log("up"); setInterval(() => undefined, 1000)'],
          labels,
          files: 100,
          upWhen: 'up',
          withinMs: 30_000,
        }),
      );
    orders = await start('orders', network, {
      'com.docker.compose.project': 'shop',
      'com.docker.compose.service': 'orders',
    });
    vpn = await start('vpn', network);
    app = await start('app', `container:${vpn.container.getId()}`);
    hosty = await start('hosty', 'host');
  }, 60_000);
  afterAll(async () => {
    for (const resource of started) await resource[Symbol.asyncDispose]();
  });

  test('are named together, and a container with its own stack alone', async () => {
    const index = createContainerIndex(await fetchContainers());
    expect(index.find(orders?.ip ?? '')).toMatchObject({
      kind: 'container',
      container: { name: orders?.name, project: 'shop', service: 'orders', stack: { kind: 'own' } },
    });
    expect(index.find(vpn?.ip ?? '')).toMatchObject({
      kind: 'ambiguous',
      why: 'shared',
      candidates: [{ name: app?.name }, { name: vpn?.name }],
    });
  });

  test('the gateway stands for the host and for containers in its network', async () => {
    const all = await fetchContainers();
    const own = all.find(({ name }) => name === orders?.name);
    const [gateway = ''] = own?.networks.flatMap(({ gateways }) => gateways) ?? [];
    const occupant = createContainerIndex(all).find(gateway);
    expect(occupant).toMatchObject({ kind: 'ambiguous', why: 'gateway' });
    const candidates = occupant?.kind === 'ambiguous' ? occupant.candidates : [];
    expect(candidates.map(({ name }) => name)).toContain(hosty?.name);
  });
});
