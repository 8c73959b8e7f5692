import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { record } from './figures/figure.js';
import { CONTESTANTS } from './rig/contestant.js';
import { faults } from './rig/use-rig.js';

const PERCENT = 20;
const LOSS_MS = 90_000;
const CLIENTS = Array.from({ length: 10 }, (_, index) => `c${index}`);
/**
 * Connections that may be lost. Within the deadline the kernel sends five times (0, 0.2, 0.6, 1.4 and 3 s). With 20 %
 * loss in each direction about one heartbeat in a thousand gets no answer in it. Ten clients send about sixty heartbeats.
 */
const MAX_LOST = 1;

await faults('a lossy network', (rig) => {
  test(`drops ${PERCENT} % of all packets for ${LOSS_MS / 1_000} s`, async (context) => {
    // The rig ends the server and the contestants.
    const server = await rig().redis();
    const contestants = await Promise.all(CONTESTANTS.map((who) => rig().contestant(who)));
    const { host, port } = server;
    for (const contestant of contestants) {
      await Promise.all(CLIENTS.map((name) => contestant.open(name, { host, port })));
    }
    const at = Date.now();
    await rig().lossy(PERCENT);
    await sleep(LOSS_MS);
    await rig().heal();
    const lost = contestants.map((contestant) => contestant.since(at, 'reconnecting').length);
    contestants.forEach(({ who }, index) =>
      record(context, who, `8 connections lost of 10, ${PERCENT} % loss for 90 s`, lost[index] ?? 'unknown'),
    );
    expect(Math.max(...lost)).toBeLessThanOrEqual(MAX_LOST);
    const pongs = contestants.flatMap((contestant) => CLIENTS.map((name) => contestant.call(name, 'ping')));
    expect(new Set(await Promise.all(pongs))).toEqual(new Set(['PONG']));
    // Lost connections left no orphans.
    expect(await rig().observer.rows(port)).toHaveLength(pongs.length);
  });
});
