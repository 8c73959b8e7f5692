import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowOf } from '../../support/unit/liveness/fake-server.js';
import { createOrphansHarness, identityOf } from '../../support/unit/liveness/orphans-harness.js';

/** Events of a client: it loses its connection, connects again (and reaps), or ends. */
const anyClientEvent = fc.record({
  kind: fc.constantFrom('lose', 'reap', 'end'),
  client: fc.integer({ min: 0, max: 2 }),
});

/** Events of the server, and of the connection to it. */
const anyServerEvent = fc.record({
  kind: fc.constantFrom('restart', 'break', 'hold', 'forbid', 'allow'),
  client: fc.constant(0),
});

test('in any order of events only our own connections of the present run are killed, and each orphan gets one final outcome', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(anyClientEvent, anyClientEvent, anyServerEvent), { maxLength: 40 }),
      async (events) => {
        const { orphans, server, outcomes, lose, reap, clock } = createOrphansHarness();
        const clients = [{}, {}, {}];
        let [lastId, lost, run] = [0, 0, 1];

        /** Ids start again, and the first ones belong to strangers that look exactly like our connections of the last run. */
        function restart(): void {
          server.runId = `run${(run += 1)}`;
          server.rows.clear();
          for (lastId = 1; lastId < 5; lastId += 1) {
            const { name = '', address = '' } = identityOf(lastId);
            server.rows.set(lastId, `${rowOf(lastId, name, address)} lib-name=stranger`);
          }
        }

        const handlers: Record<string, (client: object) => unknown> = {
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
        for (const { kind, client } of events) await handlers[kind]?.(clients[client] ?? {});

        for (const kind of ['hold', 'allow']) handlers[kind]?.({});
        for (const client of clients) orphans.disown(client);
        await reap({});
        await clock.advance(600_000);
        expect(server.killedRows.filter((row) => row.includes('stranger'))).toEqual([]);
        expect([...server.rows.values()].filter((row) => !row.includes('stranger'))).toEqual([]);
        expect(outcomes.filter((outcome) => !outcome.startsWith('refused'))).toHaveLength(lost);
        expect(outcomes.filter((outcome) => outcome.startsWith('reaped'))).toHaveLength(
          server.killedRows.length,
        );
      },
    ),
    { numRuns: 300 },
  );
});
