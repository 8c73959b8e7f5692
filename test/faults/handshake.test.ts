import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { record } from './figures/figure.js';
import { CONTESTANTS } from './rig/contestant.js';
import { faults } from './rig/use-rig.js';

const RAW_LIMIT_S = Number(process.env['REDIS_HYGIENE_FAULTS_RAW_LIMIT_S'] ?? 60);
const LIMIT_S = 15;

await faults('a server that accepts connections and sends nothing', (rig) => {
  test.for(CONTESTANTS)('is given up: %s', async (who, context) => {
    await using server = await rig().redis();
    await using contestant = await rig().contestant(who);
    const { host, port } = server;
    server.pause();
    const at = Date.now();
    await contestant.dial('one', { host, port });
    const lost = await contestant.next(at, 'reconnecting', 'one', RAW_LIMIT_S * 1_000);
    const seconds = lost && (lost.at - at) / 1_000;
    record(
      context,
      who,
      '10 seconds until a dial without an answer is given up',
      seconds?.toFixed(1) ?? `> ${RAW_LIMIT_S}`,
    );
    if (who.startsWith('raw')) return;
    expect(seconds).toBeLessThan(LIMIT_S);
    server.resume();
    expect(await contestant.next(at, 'ready', 'one', 30_000)).toBeDefined();
    await eventually(async () => expect(await rig().observer.rows(port)).toHaveLength(1));
  });
});
