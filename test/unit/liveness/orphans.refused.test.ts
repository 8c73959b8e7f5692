import { describe, expect, test } from 'vitest';
import { createFakeServer } from '../../support/unit/liveness/fake-server.js';
import { createOrphansBench, facts, passport } from '../../support/unit/liveness/orphans-harness.js';

const owner = {};
const GRANT = 'Grant it: ACL SETUSER default +client|list +client|kill +info';

describe('a user without the right', () => {
  test.each(['list', 'kill'] as const)(
    'to %s is told once the line that grants it; the orphan is reaped once it is allowed',
    async (right) => {
      const { lose, reap, fates, reports, server } = createOrphansBench();
      server.refused.add(right);
      for (const id of [7, 8]) lose(owner, id);
      for (let each = 0; each < 5; each += 1) await reap(owner);
      expect(fates).toEqual(['refused 7']);
      expect(reports[0]?.why).toBe(GRANT);
      server.refused.clear();
      await reap(owner);
      expect(fates).toEqual(['refused 7', 'reaped 7', 'reaped 8']);
    },
  );

  test('is told again where it is taken away after it was granted', async () => {
    const { lose, reap, fates, server } = createOrphansBench();
    server.refused.add('kill');
    lose(owner, 7);
    await reap(owner);
    server.refused.clear();
    await reap(owner);
    server.refused.add('kill');
    lose(owner, 8);
    await reap(owner);
    expect(fates).toEqual(['refused 7', 'reaped 7', 'refused 8']);
  });

  test('is named as the server knows the connection that reaps', async () => {
    const { lose, reap, reports, server } = createOrphansBench();
    server.refused.add('list');
    lose(owner, 7);
    await reap(owner, { passport: { ...passport(99), user: 'app' } });
    expect(reports[0]?.why).toBe(GRANT.replace('default', 'app'));
  });

  test('is told for each server, however many clients there are', async () => {
    const { lose, reap, reports, server } = createOrphansBench();
    server.refused.add('list');
    const targets = ['redis://a:1', 'redis://b:1', 'redis://a:1'].map((target) => ({ ...facts, target }));
    for (const [id, own] of targets.entries()) {
      const client = {};
      lose(client, id + 1, own);
      await reap(client, { facts: own });
    }
    expect(reports.map(({ target }) => target)).toEqual(['redis://a:1', 'redis://b:1']);
  });

  test('to INFO cannot prove anything: told once, nothing is asked, nothing is killed', async () => {
    const { orphans, reap, fates, reports, server } = createOrphansBench();
    const blind = passport(7, undefined);
    for (const id of [7, 8]) {
      orphans.add({ owner, facts, passport: { ...blind, runId: undefined, clientId: id }, ends: undefined });
      await reap(owner, { passport: { ...passport(99), runId: undefined } });
    }
    expect(fates).toEqual(['refused 7']);
    expect(reports[0]?.why).toBe(GRANT);
    expect(server.commands).toEqual([]);
  });

  test('to INFO since the cut keeps the orphan until it has it again', async () => {
    const { lose, reap, fates, server } = createOrphansBench();
    lose(owner, 7);
    for (let each = 0; each < 3; each += 1) {
      await reap(owner, { passport: { ...passport(99), runId: undefined } });
    }
    expect(fates).toEqual(['refused 7']);
    expect(server.commands).toEqual([]);
    await reap(owner);
    expect(fates).toEqual(['refused 7', 'reaped 7']);
  });

  test('to INFO at the cut proves nothing later either: a run that is unknown is no run', async () => {
    const { orphans, reap, server } = createOrphansBench();
    server.connect(7, 'orders@web-1', '10.0.0.1:50007');
    orphans.add({ owner, facts, passport: { ...passport(7), runId: undefined }, ends: undefined });
    await reap(owner, { passport: { ...passport(99), runId: undefined } });
    await reap(owner);
    expect(server.killed).toEqual([]);
  });
});

describe('a server before 6.2', () => {
  test('kills by id, on the same run only', async () => {
    const { orphans, reap, fates } = createOrphansBench();
    const old = createFakeServer();
    old.isOld = true;
    old.connect(7, 'orders@web-1', '10.0.0.1:1');
    orphans.add({
      owner,
      facts,
      passport: { ...passport(7), address: undefined, user: undefined },
      ends: undefined,
    });
    await reap(owner, { ask: old.ask });
    expect(fates).toEqual(['reaped 7']);

    old.connect(8, 'somebody-else', '10.0.0.1:2');
    orphans.add({ owner, facts, passport: { ...passport(8), address: undefined }, ends: undefined });
    await reap(owner, { ask: old.ask, passport: passport(99, 'b2') });
    expect(fates).toEqual(['reaped 7', 'gone 8']);
    expect(old.killed).toEqual([7]);
  });
});
