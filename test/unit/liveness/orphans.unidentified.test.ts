import { describe, expect, test } from 'vitest';
import {
  createOrphansBench,
  facts,
  passport,
  type OrphansBench,
} from '../../support/unit/liveness/orphans-harness.js';
import { replyError } from '../../support/unit/liveness/fake-server.js';

const owner = {};
const LOST_AGO_S = 12;
const remote = '10.0.0.2:6379';

/** The ends of the reaper's own socket are those that its server sees. */
const seen = { ends: () => ({ local: passport(99).address ?? '', remote }) };

/** A connection lost in its handshake, 12 s ago, and a server that sees the addresses of this process as they are. */
async function lost(): Promise<OrphansBench & { readonly come: () => Promise<void> }> {
  const bench = createOrphansBench();
  bench.orphans.add({ owner, facts, passport: undefined, ends: { local: '10.0.0.1:50007', remote } });
  await bench.clock.advance(LOST_AGO_S * 1_000);
  return { ...bench, come: () => bench.reap(owner, seen) };
}

describe('a connection that was lost before its server had told its id', () => {
  test.each(['', 'orders@web-1'])('is found by its address and reaped, named %j', async (name) => {
    const { server, come, fates, reports } = await lost();
    server.connect(7, name, '10.0.0.1:50007', LOST_AGO_S + 5);
    server.connect(8, name, '10.0.0.1:50008', LOST_AGO_S + 5);
    await come();
    expect(server.killed).toEqual([7]);
    expect(fates).toEqual(['reaped undefined']);
    expect(reports[0]).toMatchObject({ name: 'orders@web-1', orphanedMs: 12_000 });
    await come();
    expect(server.commands).toEqual(['client list', 'client kill ID 7']);
  });

  test('is gone where the server lists no such address', async () => {
    const { come, fates, server } = await lost();
    server.connect(8, '', '10.0.0.1:50008', 60);
    await come();
    expect(fates).toEqual(['gone undefined']);
    expect(server.killed).toEqual([]);
  });

  test.each([
    ['younger than the loss: another process has the port now', '', LOST_AGO_S - 1],
    ['as old as the loss, within the second', '', LOST_AGO_S + 1],
    ['of another name', 'billing@web-1', LOST_AGO_S + 5],
    ['of an age that cannot be read', '', Number.NaN],
  ])('is left alone where the row is %s', async (_, name, age) => {
    const { server, come, fates } = await lost();
    server.connect(7, name, '10.0.0.1:50007', age);
    await come();
    expect(server.killed).toEqual([]);
    expect(fates).toEqual(['refused undefined']);
  });

  test('is not looked for on another server: the same port may be somebody else’s there', async () => {
    const { server, reap, fates } = await lost();
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 5);
    const elsewhere = { local: passport(99).address ?? '', remote: '10.0.0.3:6379' };
    await reap(owner, { ends: () => elsewhere, passport: { ...passport(99), serverEnd: '10.0.0.3:6379' } });
    expect(server.commands).toEqual([]);
    expect(fates).toEqual([]);
  });

  test('is kept where its next reaper has come to another server meanwhile', async () => {
    const { reap, fates, server } = await lost();
    server.refused.add('list');
    await reap(owner, seen);
    const elsewhere = { local: passport(99).address ?? '', remote: '10.0.0.3:6379' };
    server.refused.clear();
    await reap(owner, { ends: () => elsewhere, passport: { ...passport(99), serverEnd: '10.0.0.3:6379' } });
    expect(fates).toEqual(['refused undefined']);
    await reap(owner, seen);
    expect(fates).toEqual(['refused undefined', 'gone undefined']);
  });

  test('is gone where the row of its address leads to another end of the server', async () => {
    const { server, come, fates } = await lost();
    server.rows.set(7, 'id=7 addr=10.0.0.1:50007 laddr=10.0.0.9:6379 name= age=99');
    await come();
    expect(server.killed).toEqual([]);
    expect(fates).toEqual(['gone undefined']);
  });

  test('is left alone where the server sees other addresses than this process has', async () => {
    const { server, reap, fates, reports } = await lost();
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 5);
    await reap(owner);
    expect(server.commands).toEqual([]);
    expect(fates).toEqual(['refused undefined']);
    expect(reports[0]?.why).toContain('NAT');
  });

  test('is kept where the server refuses to list, or is busy', async () => {
    const { server, come, fates, reap } = await lost();
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 5);
    server.refused.add('list');
    await come();
    await come();
    const busy = () => Promise.reject(replyError('BUSY Redis is busy running a script.'));
    await reap(owner, { ...seen, ask: busy });
    server.refused.clear();
    await come();
    expect(fates).toEqual(['refused undefined', 'reaped undefined']);
  });

  test('is looked for by whoever comes first to that server: one list for all of them', async () => {
    const { server, orphans, reap, fates, come } = await lost();
    const ends = { local: '10.0.0.1:50008', remote };
    orphans.add({ owner: {}, facts, passport: undefined, ends });
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 5);
    server.connect(8, '', '10.0.0.1:50008', LOST_AGO_S + 5);
    await Promise.all([reap({}, seen), come()]);
    expect(fates).toEqual(['reaped undefined', 'reaped undefined']);
    expect(server.commands.filter((command) => command === 'client list')).toHaveLength(1);
  });
});
