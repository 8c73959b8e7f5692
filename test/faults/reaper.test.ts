import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { record } from './figures/figure.js';
import { OURS, type Contestant } from './rig/contestant.js';
import { cutNewest } from './rig/cycle.js';
import type { Rig } from './rig/rig.js';
import { faults } from './rig/use-rig.js';

const EARLY_CUTS = 6;
const SILENT_DIALS = 3;
const FAST = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 };
/** A handshake may take 10 s, and the delay before the next dial as long. */
const NEXT_DIAL_MS = 40_000;
const REAPED_MS = 20_000;

/** Cuts the client's connection, and the next `times` connections as soon as the server has them. */
async function cutInARow(rig: Rig, contestant: Contestant, port: number, times: number): Promise<void> {
  await cutNewest(rig, { contestant, name: 'one', port });
  const seen = new Set((await rig.observer.rows(port)).map(({ id }) => id));
  for (let dial = 0; dial < times; dial += 1) {
    await eventually(async () => {
      const fresh = (await rig.observer.rows(port)).filter(({ id }) => !seen.has(id));
      await rig.cut(fresh.map(({ flow }) => flow));
      fresh.forEach(({ id }) => seen.add(id));
      expect(fresh).not.toEqual([]);
    }, NEXT_DIAL_MS);
  }
}

/** Waits until the client is ready. Returns the number of connections that the server then has in the end. */
async function countSettled(
  { observer }: Rig,
  contestant: Contestant,
  port: number,
  at: number,
): Promise<number> {
  expect(await contestant.next(at, 'ready', 'one', NEXT_DIAL_MS)).toBeDefined();
  const alone = async () => expect(await observer.rows(port)).toHaveLength(1);
  await eventually(alone, REAPED_MS).catch(() => undefined);
  return (await observer.rows(port)).length;
}

await faults('the connection that reaps is cut', (rig) => {
  test.for(OURS)(`${EARLY_CUTS} times as soon as the server has it: %s`, async (who, context) => {
    await using redis = await rig().redis();
    const { host, port } = redis;
    await using contestant = await rig().contestant(who, { plain: FAST });
    await contestant.open('one', { host, port });
    await cutInARow(rig(), contestant, port, EARLY_CUTS);
    const left = await countSettled(rig(), contestant, port, Date.now());
    record(context, who, `2 connections on the server after ${EARLY_CUTS} cuts right at connect`, left);
    expect(left).toBe(1);
  });

  const all = OURS.flatMap((who) => (['to-server', 'to-client'] as const).map((way) => [who, way] as const));
  test.for(all)(
    `in ${SILENT_DIALS} handshakes without an answer: %s, %s mute`,
    async ([who, way], context) => {
      await using redis = await rig().redis();
      const { host, port } = redis;
      await using contestant = await rig().contestant(who, { plain: FAST });
      await contestant.open('one', { host, port });
      await rig().mute(port, way);
      await cutInARow(rig(), contestant, port, SILENT_DIALS);
      const at = Date.now();
      await rig().unmute(port);
      const left = await countSettled(rig(), contestant, port, at);
      record(context, who, `2 connections on the server after ${SILENT_DIALS} handshakes cut ${way}`, left);
      expect(left).toBe(1);
    },
  );
});
