import { expect, test } from 'vitest';
import { record } from './figures/figure.js';
import { CONTESTANTS } from './rig/contestant.js';
import { faults } from './rig/use-rig.js';

const FREEZE_MS = 4_000;
/** Raw ioredis takes minutes, so it is watched for this time only. */
const LIMIT_MS = 20_000;
const FACTORIES = { function: { profile: 'short-lived' } };

await faults('a function whose connection was cut while it was frozen', (rig) => {
  test.for(CONTESTANTS)('gets an answer: %s', async (who, context) => {
    await using server = await rig().redis();
    await using contestant = await rig().contestant(who, FACTORIES);
    const { host, port } = server;
    for (const name of ['cut', 'living']) await contestant.open(name, { host, port });
    await contestant.extend(1_000);
    const rows = await rig().observer.rows(port);
    const living = rows.find(({ name }) => name.endsWith('#living'));
    await rig().cut(
      rows.filter(({ name }) => name.endsWith('#cut')).map(({ flow }) => flow),
      'both',
    );
    await contestant.block(FREEZE_MS);

    const at = Date.now();
    const extendedMs = await contestant.extend(10_000);
    await contestant.send('cut', 'get', 'key');
    const reply = await contestant.next(at, 'reply', 'cut', LIMIT_MS);
    const answered = reply ? ((reply.at - at) / 1_000).toFixed(1) : `> ${LIMIT_MS / 1_000}`;
    record(context, who, '11 answer after a cut in a freeze of 4 s, s', answered);
    if (who.startsWith('raw')) return;
    // Two deadlines of 1 s, and the dial. The rest is for a busy machine.
    expect(extendedMs).toBeLessThan(4_000);
    expect(reply).toBeDefined();
    expect(contestant.since(at, 'stale').map(({ client }) => client)).toEqual(['cut']);
    const after = await rig().observer.rows(port);
    expect(after.find(({ name }) => name.endsWith('#living'))?.id).toBe(living?.id);
  });
});
