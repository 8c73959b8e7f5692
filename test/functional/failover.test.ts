import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRedisFactory, type FailoverEvent } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import type { Node } from '../support/sentinels.js';
import { useSentinels } from '../support/use-sentinels.js';
import { startWrites } from '../support/writes.js';

/** 0.3 s is the promise, which `npm run bench -- failover` measures; this is a machine full of tests. */
const MOST_MS = 1_000;
const WATCHED_MS = 30_000;
const ROUNDS = 2;

const the = useSentinels();

const kinds: readonly (readonly [string, (master: Node) => unknown])[] = [
  ['SENTINEL FAILOVER', () => the().failover()],
  ['SIGKILL of the master', (master) => master.kill()],
  ['SIGSTOP of the master', (master) => master.pause()],
];

test.for(kinds)('%s: writes go on with the new master at once', { timeout: 240_000 }, async ([, trigger]) => {
  for (let round = 0; round < ROUNDS; round += 1) {
    await the().settled();
    await using factory = createRedisFactory({
      service: 'orders',
      host: 'web-1',
      connection: the().connection,
    });
    const failovers: FailoverEvent[] = [];
    factory.on('failover', (event) => failovers.push(event));
    const client = factory.client();
    client.on('error', () => undefined);
    const writes = startWrites(client, 'failover');
    const master = await the().master();
    try {
      expect(await writes.arrival(master.port, 0, WATCHED_MS)).toBeDefined();
      await sleep(1_000); // a watcher may subscribe behind the connection to the master

      const start = Date.now();
      await trigger(master);
      const { at, to } = await the().switched(start);
      const arrival = await writes.arrival(to, start, WATCHED_MS);
      expect((arrival?.at ?? Infinity) - at).toBeLessThanOrEqual(MOST_MS);
      expect(factory.connections().filter(({ name }) => name === 'orders@web-1')).toMatchObject([
        { state: 'ready' },
      ]);
      await eventually(() =>
        expect(failovers).toMatchObject([
          { from: `127.0.0.1:${master.port}`, to: `127.0.0.1:${to}`, clients: 1, waiting: 0 },
        ]),
      );
      expect(failovers[0]?.durationMs).toBeLessThanOrEqual(MOST_MS);
    } finally {
      writes.stop();
      await the().rejoin(master);
    }
  }
});
