import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowOf } from '../../support/unit/liveness/fake-server.js';
import { createOrphansBench, passport } from '../../support/unit/liveness/orphans-harness.js';

/** What happens to a client: its connection is lost, it connects again, or it ends. */
const anyEvent = fc.record({
  kind: fc.constantFrom('lose', 'reap', 'end'),
  client: fc.integer({ min: 0, max: 2 }),
});

/** What happens to the server. */
const anyTurn = fc.record({
  kind: fc.constantFrom('restart', 'break', 'hold', 'forbid', 'allow'),
  client: fc.constant(0),
});

test('whatever happens, only our own of the present run are killed, and each meets one fate in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(anyEvent, anyEvent, anyTurn), { maxLength: 40 }), async (steps) => {
      const { orphans, server, fates, lose, reap } = createOrphansBench();
      const clients = [{}, {}, {}];
      let [lastId, lost, run] = [0, 0, 1];

      /** Ids begin anew: the first are strangers who look exactly like ours of the run before. */
      function restart(): void {
        server.runId = `run${(run += 1)}`;
        server.rows.clear();
        for (lastId = 1; lastId < 5; lastId += 1) {
          const { name = '', address = '' } = passport(lastId);
          server.rows.set(lastId, `${rowOf(lastId, name, address)} lib-name=stranger`);
        }
      }

      const happens: Record<string, (client: object) => unknown> = {
        lose(client) {
          lost += 1;
          lose(client, (lastId += 1));
        },
        reap,
        end: (client) => orphans.disown(client),
        restart,
        break: () => (server.breaksAt = 'client kill'),
        hold: () => (server.breaksAt = undefined),
        forbid: () => server.refused.add('list'),
        allow: () => server.refused.delete('list'),
      };
      for (const { kind, client } of steps) await happens[kind]?.(clients[client] ?? {});

      for (const kind of ['hold', 'allow']) happens[kind]?.({});
      for (const client of clients) orphans.disown(client);
      await reap({});
      expect(server.killedRows.filter((row) => row.includes('stranger'))).toEqual([]);
      expect([...server.rows.values()].filter((row) => !row.includes('stranger'))).toEqual([]);
      expect(fates.filter((fate) => !fate.startsWith('refused'))).toHaveLength(lost);
      expect(fates.filter((fate) => fate.startsWith('reaped'))).toHaveLength(server.killedRows.length);
    }),
    { numRuns: 300 },
  );
});
