import { describe, expect, test } from 'vitest';
import { turn } from '../../support/unit/fake-clock.js';
import { createOrphansHarness, facts, identityOf } from '../../support/unit/liveness/orphans-harness.js';

const owner = {};
const other = {};

describe('an orphan', () => {
  test('is reaped by the next connection of its client, and reported with its age', async () => {
    const { lose, reap, reports, clock, server } = createOrphansHarness();
    lose(owner, 7);
    await clock.advance(4_000);
    await reap(owner);
    expect(server.killed).toEqual([7]);
    expect(reports).toEqual([
      {
        outcome: 'reaped',
        why: 'CLIENT KILL ID closed it.',
        name: 'orders@web-1',
        role: 'command',
        target: 'redis://h:6379',
        runId: 'a1',
        clientId: 7,
        address: '10.0.0.1:50007',
        orphanedMs: 4_000,
      },
    ]);
  });

  test('is looked up once: the connection after that sends no command', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    await reap(owner);
    await reap(owner);
    expect(outcomes).toEqual(['reaped 7']);
    expect(server.commands).toEqual(['client list ID 7', 'client kill ID 7']);
  });

  test('that does not exist causes no command to the server', async () => {
    const { reap, server } = createOrphansHarness();
    await reap(owner);
    expect(server.commands).toEqual([]);
  });

  test('is reported as gone when the server no longer knows it', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    server.rows.clear();
    await reap(owner);
    expect(outcomes).toEqual(['gone 7']);
  });

  test('is refused and never killed when its id belongs to another client now', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    server.connect(7, 'somebody-else', '10.0.0.9:1');
    await reap(owner);
    await reap(owner);
    expect(outcomes).toEqual(['refused 7']);
    expect(server.killed).toEqual([]);
  });

  test('is reaped together with all other orphans of its client', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    for (const id of [7, 8, 9]) lose(owner, id);
    await reap(owner);
    expect(outcomes).toEqual(['reaped 7', 'reaped 8', 'reaped 9']);
    expect(server.commands[0]).toBe('client list ID 7 8 9');
  });
});

describe('another run of the server', () => {
  const KEPT_MS = 600_000;

  test('is no proof that an orphan has ended: it is reaped by any connection that reaches its run', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    server.runId = 'b2';
    await reap(owner);
    expect(outcomes).toEqual([]);
    expect(server.commands).toEqual([]);
    server.runId = 'a1';
    await reap(other);
    expect(outcomes).toEqual(['reaped 7']);
  });

  test('ends an orphan after ten minutes in which its run was not reached, with one event', async () => {
    const { lose, reap, outcomes, reports, server, clock } = createOrphansHarness();
    lose(owner, 7);
    server.runId = 'b2';
    await clock.advance(5_000);
    await reap(owner);
    await clock.advance(KEPT_MS / 2);
    await reap(owner);
    lose(owner, 3);
    server.runId = 'c3';
    await reap(owner);
    await clock.advance(KEPT_MS / 2 - 1);
    expect(outcomes).toEqual([]);
    await clock.advance(1);
    expect(outcomes).toEqual(['unreached 7']);
    expect(reports[0]).toMatchObject({ orphanedMs: 5_000 + KEPT_MS });
    expect(reports[0]?.why).toContain(
      'another run: the server was restarted, or several servers stand behind',
    );
    await clock.advance(KEPT_MS);
    expect(outcomes).toEqual(['unreached 7', 'unreached 3']);
    expect(clock.pendingTimers()).toBe(0);
    expect(server.commands).toEqual([]);
  });

  test('does not end an orphan that is being reaped, or was reaped', async () => {
    const { lose, reap, outcomes, server, clock } = createOrphansHarness();
    lose(owner, 7);
    server.runId = 'b2';
    await reap(owner);
    server.runId = 'a1';
    server.isSilentAt = 'client kill';
    void reap(other);
    await clock.advance(KEPT_MS);
    expect(outcomes).toEqual([]);
    server.isSilentAt = undefined;
    await reap(other);
    await clock.advance(KEPT_MS);
    expect(outcomes).toEqual(['reaped 7']);
  });

  test('sets no timer while all connections reach the run of their orphans', async () => {
    const { lose, reap, clock } = createOrphansHarness();
    lose(owner, 7);
    await reap(owner);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('does not keep the orphans of the present run from being reaped', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    server.runId = 'b2';
    lose(owner, 3);
    await reap(owner);
    expect(outcomes).toEqual(['reaped 3']);
    expect(server.commands[0]).toBe('client list ID 3');
  });

  test('of another server does not end the orphans of this server', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    const elsewhere = { ...facts, target: 'redis://other:6379' };
    await reap(owner, { facts: elsewhere, identity: identityOf(99, 'b2') });
    expect(outcomes).toEqual([]);
    await reap(owner);
    expect(outcomes).toEqual(['reaped 7']);
    expect(server.killed).toEqual([7]);
  });
});

describe('an orphan of another client', () => {
  test('is left to that client', async () => {
    const { lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    await reap(other);
    expect(server.commands).toEqual([]);
    await reap(owner);
    expect(outcomes).toEqual(['reaped 7']);
  });

  test('that has ended is reaped by any connection to the same target', async () => {
    const { orphans, lose, reap, outcomes } = createOrphansHarness();
    lose(owner, 7);
    lose(other, 8);
    orphans.disown(owner);
    await reap({});
    expect(outcomes).toEqual(['reaped 7']);
  });

  test('that has ended is reaped by any connection to the same run, whatever its target', async () => {
    const { orphans, lose, reap, outcomes } = createOrphansHarness();
    lose(owner, 7, { target: 'sentinel://s:26379/mymaster' });
    orphans.disown(owner);
    await reap(other);
    expect(outcomes).toEqual(['reaped 7']);
  });

  test('that has ended is not looked up on another server, and stays free for its own server', async () => {
    const { orphans, lose, reap, outcomes, server } = createOrphansHarness();
    lose(owner, 7);
    orphans.disown(owner);
    const elsewhere = { ...facts, target: 'redis://other:6379' };
    await reap(other, { facts: elsewhere, identity: identityOf(99, 'b2') });
    expect(outcomes).toEqual([]);
    expect(server.commands).toEqual([]);
    await reap({});
    expect(outcomes).toEqual(['reaped 7']);
  });

  test('that has ended is reaped by only one of several connections that come up together', async () => {
    const { orphans, lose, reap, outcomes, server } = createOrphansHarness();
    for (const id of [7, 8]) lose(owner, id);
    orphans.disown(owner);
    await Promise.all([reap({}), reap({}), reap({})]);
    expect(outcomes).toEqual(['reaped 7', 'reaped 8']);
    expect(server.commands.filter((line) => line.startsWith('client list'))).toHaveLength(1);
  });

  test('that has ended is given up after ten minutes if connections to its target reach another run', async () => {
    const { orphans, lose, reap, outcomes, server, clock } = createOrphansHarness();
    lose(owner, 7);
    orphans.disown(owner);
    server.runId = 'b2';
    await reap(other);
    await clock.advance(600_000);
    expect(outcomes).toEqual(['unreached 7']);
  });
});

test('a thousand orphans are kept: with one more the oldest is reported as forgotten', async () => {
  const { lose, reap, reports, outcomes, server, clock } = createOrphansHarness();
  lose(owner, 1);
  await clock.advance(60_000);
  for (let id = 2; id <= 1_000; id += 1) lose(owner, id);
  expect(outcomes).toEqual([]);
  lose(owner, 1_001);
  lose(owner, 1_002);
  expect(outcomes).toEqual(['forgotten 1', 'forgotten 2']);
  expect(reports[0]).toMatchObject({ why: 'There are more than 1000 orphans.', orphanedMs: 60_000 });
  await reap(owner);
  expect(server.killed).toHaveLength(1_000);
  expect(server.rows.has(1) && server.rows.has(2)).toBe(true);
  await turn();
  expect(outcomes).toHaveLength(1_002);
});
