import { describe, expect, test } from 'vitest';
import { createFakeServer } from '../../support/unit/liveness/fake-server.js';
import { createOrphansHarness, facts, identityOf } from '../../support/unit/liveness/orphans-harness.js';

const owner = {};
const GRANT = 'Grant it: ACL SETUSER default +client|list +client|kill +info';

describe('a user without the right', () => {
  test.each(['list', 'kill'] as const)(
    'to %s is reported once with the command that grants it, and the orphan is reaped once the right is granted',
    async (right) => {
      const { lose, reap, outcomes, reports, server } = createOrphansHarness();
      server.refused.add(right);
      for (const id of [7, 8]) lose(owner, id);
      for (let count = 0; count < 5; count += 1) await reap(owner);
      expect(outcomes).toEqual(['refused 7']);
      expect(reports[0]?.why).toBe(GRANT);
      server.refused.clear();
      await reap(owner);
      expect(outcomes).toEqual(['refused 7', 'reaped 7', 'reaped 8']);
    },
  );

  test('is reported again when the right is taken away after it was granted', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    server.refused.add('kill');
    lose(owner, 7);
    await reap(owner);
    server.refused.clear();
    await reap(owner);
    server.refused.add('kill');
    lose(owner, 8);
    await reap(owner);
    expect(outcomes).toEqual(['refused 7', 'reaped 7', 'refused 8']);
  });

  test('is reported by the name that the server shows for the connection that reaps', async () => {
    const { lose, reap, reports, server } = createOrphansHarness();
    server.refused.add('list');
    lose(owner, 7);
    await reap(owner, { identity: { ...identityOf(99), user: 'app' } });
    expect(reports[0]?.why).toBe(GRANT.replace('default', 'app'));
  });

  test('is reported once for each server, however many clients there are', async () => {
    const { lose, reap, reports, server } = createOrphansHarness();
    server.refused.add('list');
    const targets = ['redis://a:1', 'redis://b:1', 'redis://a:1'].map((target) => ({ ...facts, target }));
    for (const [id, own] of targets.entries()) {
      const client = {};
      lose(client, id + 1, own);
      await reap(client, { facts: own });
    }
    expect(reports.map(({ target }) => target)).toEqual(['redis://a:1', 'redis://b:1']);
  });

  test('to INFO can prove nothing: reported once, no command is sent, nothing is killed', async () => {
    const { orphans, reap, outcomes, reports, server } = createOrphansHarness();
    const blind = identityOf(7, undefined);
    for (const id of [7, 8]) {
      orphans.add({ owner, facts, identity: { ...blind, runId: undefined, clientId: id }, ends: undefined });
      await reap(owner, { identity: { ...identityOf(99), runId: undefined } });
    }
    expect(outcomes).toEqual(['refused 7']);
    expect(reports[0]?.why).toBe(GRANT);
    expect(server.commands).toEqual([]);
  });

  test('to INFO since the loss keeps the orphan until the right is granted again', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    for (let count = 0; count < 3; count += 1) {
      await reap(owner, { identity: { ...identityOf(99), runId: undefined } });
    }
    expect(outcomes).toEqual(['refused 7']);
    expect(server.commands).toEqual([]);
    await reap(owner);
    expect(outcomes).toEqual(['refused 7', 'reaped 7']);
  });

  test('to INFO at the time of the loss proves nothing later either: an unknown run equals no other run', async () => {
    const { orphans, reap, server } = createOrphansHarness();
    server.connect(7, 'orders@web-1', '10.0.0.1:50007');
    orphans.add({ owner, facts, identity: { ...identityOf(7), runId: undefined }, ends: undefined });
    await reap(owner, { identity: { ...identityOf(99), runId: undefined } });
    await reap(owner);
    expect(server.killed).toEqual([]);
  });
});

describe('a server before 6.2', () => {
  test('kills by id, and only on the same run', async () => {
    const { orphans, reap, outcomes } = createOrphansHarness();
    const old = createFakeServer();
    old.isOld = true;
    old.connect(7, 'orders@web-1', '10.0.0.1:1');
    orphans.add({
      owner,
      facts,
      identity: { ...identityOf(7), address: undefined, user: undefined },
      ends: undefined,
    });
    await reap(owner, { ask: old.ask });
    expect(outcomes).toEqual(['reaped 7']);

    old.connect(8, 'somebody-else', '10.0.0.1:2');
    orphans.add({ owner, facts, identity: { ...identityOf(8), address: undefined }, ends: undefined });
    await reap(owner, { ask: old.ask, identity: identityOf(99, 'b2') });
    expect(outcomes).toEqual(['reaped 7']);
    expect(old.killed).toEqual([7]);
  });
});
