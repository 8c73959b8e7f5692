import { expect, test } from 'vitest';
import { createRedisFactory, type FailoverEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import type { Node } from '../support/sentinels.js';
import { watchersSubscribed } from '../support/sentinels/watchers.js';
import { useSentinels } from '../support/use-sentinels.js';
import { startWrites } from '../support/writes.js';

/** Limit on a machine that runs many tests at once. `npm run bench -- failover` measures the promised 0.3 s. */
const MAX_FAILOVER_MS = 1_000;
const OBSERVED_MS = 30_000;
const ROUNDS = 2;

const topology = useSentinels();

const kinds: readonly (readonly [string, (master: Node) => unknown])[] = [
  ['SENTINEL FAILOVER', () => topology().failover()],
  ['SIGKILL of the master', (master) => master.kill()],
  ['SIGSTOP of the master', (master) => master.pause()],
];

test.for(kinds)(
  'after %s, writes continue on the new master at once',
  { timeout: 240_000 },
  async ([, trigger]) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await topology().settled();
      await using factory = createRedisFactory({
        service: 'orders',
        host: 'web-1',
        connection: topology().connection,
      });
      const failovers: FailoverEvent[] = [];
      factory.on('failover', (event) => failovers.push(event));
      const client = factory.client();
      client.on('error', () => undefined);
      const writes = startWrites(client, 'failover');
      const master = await topology().master();
      try {
        expect(await writes.arrival(master.port, 0, OBSERVED_MS)).toBeDefined();
        await watchersSubscribed(topology().sentinels, 'orders@web-1#sentinel');

        const start = Date.now();
        await trigger(master);
        const { at, to } = await topology().switched(start);
        const arrival = await writes.arrival(to, start, OBSERVED_MS);
        expect((arrival?.at ?? Infinity) - at).toBeLessThanOrEqual(MAX_FAILOVER_MS);
        expect(factory.connections().filter(({ name }) => name === 'orders@web-1')).toMatchObject([
          { state: 'ready' },
        ]);
        await eventually(() =>
          expect(failovers).toMatchObject([
            { from: `127.0.0.1:${master.port}`, to: `127.0.0.1:${to}`, clients: 1, pending: 0 },
          ]),
        );
        expect(failovers[0]?.durationMs).toBeLessThanOrEqual(MAX_FAILOVER_MS);
      } finally {
        writes.stop();
        await topology().rejoin(master);
      }
    }
  },
);
