import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { record } from './figures/figure.js';
import { OURS } from './rig/contestant.js';
import { readRows } from './rig/flow.js';
import type { Rig } from './rig/rig.js';
import { faults } from './rig/use-rig.js';

const STRANGERS = 30;

/** Number of CLIENT KILL commands that the server has received. */
async function countKills({ observer }: Rig, port: number): Promise<number> {
  const stats = (await observer.call(port, 'info', 'commandstats')) as string;
  return Number(/^cmdstat_client\|kill:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}

await faults('a restarted server gives old ids to other clients', (rig) => {
  test.for(OURS)('no connection of another client is killed: %s', async (who, context) => {
    await using server = await rig().redis();
    await using contestant = await rig().contestant(who);
    const { host, port } = server;
    for (const name of ['idle', 'subscriber']) await contestant.open(name, { host, port });
    await contestant.call('subscriber', 'subscribe', 'news');
    const orphans = await rig().observer.rows(port);
    const at = await rig().cut(orphans.map(({ flow }) => flow));

    await server.kill();
    await server.start();
    await using strangers = await rig().neighbour('raw6');
    for (let index = 0; index < STRANGERS; index += 1) {
      await strangers.open(`stranger${index}`, { host: '127.0.0.1', port });
    }
    const list = readRows((await rig().observer.call(port, 'client', 'LIST')) as string);
    const taken = new Set(list.filter(({ name }) => name.includes('stranger')).map(({ id }) => id));
    expect(orphans.filter(({ id }) => !taken.has(id))).toEqual([]);

    for (const name of ['idle', 'subscriber']) {
      expect(await contestant.next(at, 'ready', name, 60_000)).toBeDefined();
    }
    await sleep(3_000);
    const killed = strangers.since(0, 'reconnecting').length;
    record(context, who, '6 strangers killed after a restart', killed);
    expect(killed).toBe(0);
    expect(await countKills(rig(), port)).toBe(0);
    expect(await rig().observer.rows(port)).toHaveLength(2);
    // Another run may be another server behind the same address, so the orphans are kept for ten minutes.
    expect(contestant.since(0, 'orphan')).toEqual([]);
  });
});
