import { describe, expect, test } from 'vitest';
import { createLivingIdentities } from '../../../src/liveness/living-identities.js';
import { createOrphansHarness, identityOf } from '../../support/unit/liveness/orphans-harness.js';

const owner = {};
const other = {};

/** Two factories of one process, whose connections go through a proxy that shares its own among them. */
function createFactories() {
  const livingIdentities = createLivingIdentities();
  const [one, another] = [1, 2].map(() => createOrphansHarness({ livingIdentities }));
  return { livingIdentities, one, another } as {
    livingIdentities: typeof livingIdentities;
    one: ReturnType<typeof createOrphansHarness>;
    another: ReturnType<typeof createOrphansHarness>;
  };
}

describe('a proxy that shares its connections to the server among clients', () => {
  test('has given the id of an orphan to an open connection: the orphan is not killed', async () => {
    const { one, another } = createFactories();
    one.lose(owner, 7);
    await another.reap(other, { identity: identityOf(7) });
    await one.reap(owner);
    expect(one.server.commands).toEqual([]);
    expect(one.outcomes).toEqual(['refused 7']);
    expect(one.reports[0]?.why).toContain('A proxy shares its connections');
  });

  test('gives the id to an open connection while the orphan is looked up', async () => {
    const { one, another } = createFactories();
    one.lose(owner, 7);
    await one.reap(owner, {
      ask: async (...words) => {
        const rows = await one.server.ask(...words);
        await another.reap(other, { identity: identityOf(7) });
        return rows;
      },
    });
    expect(one.server.killed).toEqual([]);
    expect(one.outcomes).toEqual(['refused 7']);
  });

  test('gives the id of the orphan to the connection that reaps', async () => {
    const { one } = createFactories();
    one.lose(owner, 7);
    await one.reap(owner, { identity: identityOf(7) });
    expect(one.outcomes).toEqual(['refused 7']);
    expect(one.server.killed).toEqual([]);
  });

  test('is known once two open connections had one id: nothing is killed there by id from then on', async () => {
    const { one, another } = createFactories();
    await one.reap(owner, { identity: identityOf(5) });
    await another.reap(other, { identity: identityOf(5) });
    for (const { orphans } of [one, another]) orphans.leave(identityOf(5));
    one.lose(owner, 7);
    await one.reap(owner);
    expect(one.outcomes).toEqual(['refused 7']);
    expect(one.server.killed).toEqual([]);
  });

  test('says nothing about another run of a server', async () => {
    const { one, another } = createFactories();
    for (const harness of [one, another]) await harness.reap({}, { identity: identityOf(5, 'b2') });
    one.lose(owner, 5);
    await one.reap(owner);
    expect(one.outcomes).toEqual(['reaped 5']);
  });
});

describe('an id of an open connection', () => {
  test('is free again once the connection has closed', async () => {
    const { one, livingIdentities } = createFactories();
    await one.reap(other, { identity: identityOf(7) });
    one.orphans.leave(identityOf(7));
    one.orphans.leave(identityOf(7));
    one.lose(owner, 7);
    await one.reap(owner);
    expect(one.outcomes).toEqual(['reaped 7']);
    expect(livingIdentities.mayBeInUse(identityOf(8))).toBe(false);
  });

  test('of an unknown run counts for nothing', () => {
    const { livingIdentities } = createFactories();
    const unknown = { runId: undefined, clientId: 7 };
    livingIdentities.add(unknown);
    livingIdentities.add(unknown);
    expect(livingIdentities.mayBeInUse(unknown)).toBe(false);
    livingIdentities.remove(unknown);
  });
});
