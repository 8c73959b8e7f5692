import { expect, test } from 'vitest';
import { record } from './figures/figure.js';
import { OURS } from './rig/contestant.js';
import { cycle } from './rig/cycle.js';
import { faults } from './rig/use-rig.js';

const CUTS = 4;
const RULES = ['on', '>secret', '~*', '&*', '+@all', '-@admin', '-@dangerous'];

await faults('a user that may not list or kill other connections', (rig) => {
  test.for(OURS)('works, and is told once that nothing is reaped: %s', async (who, context) => {
    await using server = await rig().redis();
    const { host, port } = server;
    await rig().observer.call(port, 'acl', 'SETUSER', 'app', ...RULES);
    const pace = { heartbeatIntervalMs: 1_000, heartbeatDeadlineMs: 500 };
    await using contestant = await rig().contestant(who, { plain: pace });
    await contestant.open('one', { host, port, username: 'app', password: 'secret' });
    for (let round = 0; round < CUTS; round += 1) {
      await cycle(rig(), { contestant, name: 'one', port });
      expect(await contestant.call('one', 'incr', 'rounds')).toBe(round + 1);
    }
    const reports = contestant.since(0, 'orphan').map(({ detail }) => detail?.['outcome']);
    record(context, who, `7 orphan reports over ${CUTS} cuts without the right`, reports.join(' '));
    expect(reports).toEqual(['refused']);
    expect(contestant.since(0, 'error')).toEqual([]);
    expect(await rig().observer.rows(port)).toHaveLength(CUTS + 1);
  });
});
