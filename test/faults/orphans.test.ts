import { expect, test } from 'vitest';
import { record } from './figures/figure.js';
import { CONTESTANTS, type ContestantName } from './rig/contestant.js';
import { countRows, cycle, type Subject } from './rig/cycle.js';
import type { Rig } from './rig/rig.js';
import { faults } from './rig/use-rig.js';

const CUTS = Number(process.env['REDIS_HYGIENE_FAULTS_CUTS'] ?? 20);

/** Keepalive for raw ioredis, which then notices a cut after 11 s instead of 40 s or never, and finishes in time. */
function optionsOf(who: ContestantName): object {
  return who.startsWith('raw') ? { keepAlive: 1_000 } : {};
}

const KINDS = ['idle on Redis', 'subscriber on Redis', 'subscriber on Sentinel'] as const;
type Kind = (typeof KINDS)[number];

const CHANNELS: Partial<Record<Kind, string>> = {
  'subscriber on Redis': 'news',
  'subscriber on Sentinel': '+switch-master',
};

/** Cuts a client's connection `CUTS` times. Returns the highest number of its rows, and the number in the end. */
async function cutOften(rig: Rig, subject: Subject): Promise<{ highest: number; atEnd: number }> {
  const counted = countRows(rig, subject);
  for (let round = 0; round < CUTS; round += 1) await cycle(rig, subject);
  const highest = await counted();
  // Counts all connections of the contestant, also those that never got a name.
  return { highest, atEnd: (await rig.observer.rows(subject.port)).length };
}

await faults('no orphans are left on the servers', (rig) => {
  const all = CONTESTANTS.flatMap((who) => KINDS.map((kind) => [who, kind] as const));

  test.for(all)(`after ${CUTS} cuts: %s, %s`, async ([who, kind], context) => {
    await using redis = await rig().redis();
    await using sentinel = kind.endsWith('Sentinel') ? await rig().sentinel(redis) : undefined;
    await using contestant = await rig().contestant(who);
    const { host, port } = sentinel ?? redis;
    await contestant.open('one', { host, port, ...optionsOf(who) });
    const channel = CHANNELS[kind];
    if (channel !== undefined) await contestant.call('one', 'subscribe', channel);

    const { highest, atEnd } = await cutOften(rig(), { contestant, name: 'one', port });
    record(context, who, `2 connections on the server after ${CUTS} cuts: ${kind}`, atEnd);
    record(context, who, `2 most connections at any time: ${kind}`, highest);
    // The raw figure shows that the rig produces the orphans that redis-hygiene prevents.
    expect(atEnd).toBe(who.startsWith('raw') ? CUTS + 1 : 1);
    if (who.startsWith('raw')) return;
    expect(highest).toBeLessThanOrEqual(2);
    const outcomes = contestant.since(0, 'orphan', 'one').map(({ detail }) => detail?.['outcome']);
    expect(outcomes).toEqual(Array.from({ length: CUTS }, () => 'reaped'));
  });
});
