import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { reason } from '../support/redis/errors.js';
import { record } from './figures/figure.js';
import { OURS } from './rig/contestant.js';
import { faults } from './rig/use-rig.js';

const DELAY_MS = 2_000;
const WATCHED_MS = 60_000;

await faults('a slow network', (rig) => {
  test.for(OURS)(`delays every packet by ${DELAY_MS} ms: %s`, async (who, context) => {
    await using server = await rig().redis();
    await using contestant = await rig().contestant(who);
    const { host, port } = server;
    await contestant.open('one', { host, port });
    const missing = await rig()
      .delay(DELAY_MS)
      .then(() => undefined, reason);
    if (missing !== undefined) {
      process.stderr.write(`The scenario of delays is skipped: netem is not in this kernel (${missing}).\n`);
      context.skip(`netem is not in this kernel: ${missing}`);
    }
    const at = Date.now();
    await sleep(WATCHED_MS);
    const lost = contestant.since(at, 'reconnecting').length;
    record(context, who, `8 connections lost of 1, ${DELAY_MS} ms delay for 60 s`, lost);
    expect(lost).toBe(0);
  });
});
