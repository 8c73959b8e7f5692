import { describe, expect, test } from 'vitest';
import {
  createOrphansHarness,
  facts,
  identityOf,
  type OrphansHarness,
} from '../../support/unit/liveness/orphans-harness.js';
import { createLivingIdentities } from '../../../src/liveness/living-identities.js';
import type { OrphanPorts } from '../../../src/liveness/orphans.js';
import { replyError } from '../../support/unit/liveness/fake-server.js';

const owner = {};
const LOST_AGO_S = 12;
const remote = '10.0.0.2:6379';

/** The reaper’s own socket has the ends that its server sees. */
const sameAddresses = { ends: () => ({ local: identityOf(99).address ?? '', remote }) };

/** A connection that was lost in its handshake 12 s ago, to a server that sees the addresses of this process. */
async function createLostConnection(
  own?: Partial<OrphanPorts>,
): Promise<OrphansHarness & { readonly reapAgain: () => Promise<void> }> {
  const harness = createOrphansHarness(own);
  harness.orphans.add({ owner, facts, identity: undefined, ends: { local: '10.0.0.1:50007', remote } });
  await harness.clock.advance(LOST_AGO_S * 1_000);
  return { ...harness, reapAgain: () => harness.reap(owner, sameAddresses) };
}

describe('a connection that was lost before its server had told its id', () => {
  test.each(['', 'orders@web-1'])('is found by its address and reaped, named %j', async (name) => {
    const { server, reapAgain, outcomes, reports } = await createLostConnection();
    server.connect(7, name, '10.0.0.1:50007', LOST_AGO_S + 5);
    server.connect(8, name, '10.0.0.1:50008', LOST_AGO_S + 5);
    await reapAgain();
    expect(server.killed).toEqual([7]);
    expect(outcomes).toEqual(['reaped undefined']);
    expect(reports[0]).toMatchObject({ name: 'orders@web-1', orphanedMs: 12_000 });
    await reapAgain();
    expect(server.commands).toEqual(['client list', 'client kill ID 7']);
  });

  test('is gone when the server lists no such address', async () => {
    const { reapAgain, outcomes, server } = await createLostConnection();
    server.connect(8, '', '10.0.0.1:50008', 60);
    await reapAgain();
    expect(outcomes).toEqual(['gone undefined']);
    expect(server.killed).toEqual([]);
  });

  test.each([
    ['younger than the loss: another process has the port now', '', LOST_AGO_S - 1],
    ['as old as the loss, within the second', '', LOST_AGO_S + 1],
    ['of another name', 'billing@web-1', LOST_AGO_S + 5],
    ['of an age that cannot be read', '', Number.NaN],
  ])('is not killed when the row is %s', async (_, name, age) => {
    const { server, reapAgain, outcomes } = await createLostConnection();
    server.connect(7, name, '10.0.0.1:50007', age);
    await reapAgain();
    expect(server.killed).toEqual([]);
    expect(outcomes).toEqual(['refused undefined']);
  });

  test.each([
    ['a socket of this host has its ends now, although its row is older', [true], 'another process'],
    ['the sockets of this host cannot be read', undefined, 'cannot be read'],
  ])('is not killed when %s', async (_, found, why) => {
    const order: string[] = [];
    const { server, reap, outcomes, reports } = await createLostConnection({
      findLivingSockets: (pairs) => {
        order.push(`find ${pairs.map(({ local }) => local).join()}`);
        return Promise.resolve(found);
      },
    });
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 300);
    await reap(owner, {
      ...sameAddresses,
      ask: (...words) => {
        order.push(words.join(' '));
        return server.ask(...words);
      },
    });
    expect(order).toEqual(['client list', 'find 10.0.0.1:50007']);
    expect(outcomes).toEqual(['refused undefined']);
    expect(reports[0]?.why).toContain(why);
    expect(server.rows.has(7)).toBe(true);
  });

  test('is not killed when an open connection of this process has the id of its row', async () => {
    const livingIdentities = createLivingIdentities();
    livingIdentities.add(identityOf(7));
    const { server, reapAgain, outcomes } = await createLostConnection({ livingIdentities });
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 5);
    await reapAgain();
    expect(server.killed).toEqual([]);
    expect(outcomes).toEqual(['refused undefined']);
  });

  test('is not looked up on another server, where the same port may belong to another client', async () => {
    const { server, reap, outcomes } = await createLostConnection();
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 5);
    const elsewhere = { local: identityOf(99).address ?? '', remote: '10.0.0.3:6379' };
    await reap(owner, { ends: () => elsewhere, identity: { ...identityOf(99), serverEnd: '10.0.0.3:6379' } });
    expect(server.commands).toEqual([]);
    expect(outcomes).toEqual([]);
  });

  test('is kept when the next connection of its reaper is to another server', async () => {
    const { reap, outcomes, server } = await createLostConnection();
    server.refused.add('list');
    await reap(owner, sameAddresses);
    const elsewhere = { local: identityOf(99).address ?? '', remote: '10.0.0.3:6379' };
    server.refused.clear();
    await reap(owner, { ends: () => elsewhere, identity: { ...identityOf(99), serverEnd: '10.0.0.3:6379' } });
    expect(outcomes).toEqual(['refused undefined']);
    await reap(owner, sameAddresses);
    expect(outcomes).toEqual(['refused undefined', 'gone undefined']);
  });

  test('is gone when the row of its address shows another end of the server', async () => {
    const { server, reapAgain, outcomes } = await createLostConnection();
    server.rows.set(7, 'id=7 addr=10.0.0.1:50007 laddr=10.0.0.9:6379 name= age=99');
    await reapAgain();
    expect(server.killed).toEqual([]);
    expect(outcomes).toEqual(['gone undefined']);
  });

  test('is not killed when the server sees other addresses than this process', async () => {
    const { server, reap, outcomes, reports } = await createLostConnection();
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 5);
    await reap(owner);
    expect(server.commands).toEqual([]);
    expect(outcomes).toEqual(['refused undefined']);
    expect(reports[0]?.why).toContain('NAT');
  });

  test('is kept when the server refuses CLIENT LIST, or is busy', async () => {
    const { server, reapAgain, outcomes, reap } = await createLostConnection();
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 5);
    server.refused.add('list');
    await reapAgain();
    await reapAgain();
    const busy = () => Promise.reject(replyError('BUSY Redis is busy running a script.'));
    await reap(owner, { ...sameAddresses, ask: busy });
    server.refused.clear();
    await reapAgain();
    expect(outcomes).toEqual(['refused undefined', 'reaped undefined']);
  });

  test('is looked up by the first connection to that server, with one CLIENT LIST for all', async () => {
    const { server, orphans, reap, outcomes, reapAgain } = await createLostConnection();
    const ends = { local: '10.0.0.1:50008', remote };
    orphans.add({ owner: {}, facts, identity: undefined, ends });
    server.connect(7, '', '10.0.0.1:50007', LOST_AGO_S + 5);
    server.connect(8, '', '10.0.0.1:50008', LOST_AGO_S + 5);
    await Promise.all([reap({}, sameAddresses), reapAgain()]);
    expect(outcomes).toEqual(['reaped undefined', 'reaped undefined']);
    expect(server.commands.filter((command) => command === 'client list')).toHaveLength(1);
  });
});
