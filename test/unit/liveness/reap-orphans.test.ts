import { describe, expect, test } from 'vitest';
import type { ServerSideIdentity } from '../../../src/liveness/server-side-identity.js';
import {
  isPermissionDenied,
  permissionDenied,
  orphanOutcomes,
  reapIdentified,
} from '../../../src/liveness/reap-orphans.js';
import { createFakeServer, replyError, rowOf } from '../../support/unit/liveness/fake-server.js';

const lost: ServerSideIdentity = {
  runId: 'a1',
  clientId: 7,
  name: 'orders@web-1',
  address: '10.0.0.1:50007',
  user: 'default',
  serverEnd: '10.0.0.2:6379',
};

const noneInUse = { mayBeInUse: () => false };

function outcomes(results: readonly { readonly outcome: string }[]): string[] {
  return results.map(({ outcome }) => outcome);
}

describe('an orphan', () => {
  test('is looked up by its id, and killed when name and address match', async () => {
    const server = createFakeServer();
    server.connect(7, 'orders@web-1', '10.0.0.1:50007');
    expect(await reapIdentified(server.ask, [lost], noneInUse)).toEqual([
      { outcome: 'reaped', why: 'CLIENT KILL ID closed it.' },
    ]);
    expect(server.commands).toEqual(['client list ID 7', 'client kill ID 7']);
  });

  test.each([
    ['another name', rowOf(7, 'orders@web-2', '10.0.0.1:50007')],
    ['a longer name', rowOf(7, 'orders@web-1#pool', '10.0.0.1:50007')],
    ['no name', rowOf(7, '', '10.0.0.1:50007')],
    ['another address', rowOf(7, 'orders@web-1', '10.0.0.9:50007')],
    ['another port', rowOf(7, 'orders@web-1', '10.0.0.1:50008')],
    ['an address that is cut off', 'id=7 addr= name=orders@web-1'],
    ['no name field', 'id=7 addr=10.0.0.1:50007 age=3'],
  ])('whose row shows %s is not killed', async (_case, row) => {
    const server = createFakeServer();
    server.rows.set(7, row);
    const [result] = await reapIdentified(server.ask, [lost], noneInUse);
    expect(result?.outcome).toBe('refused');
    expect(result?.why).toContain('cannot be read, shows another name or address');
    expect(server.commands).toEqual(['client list ID 7']);
  });

  test.each([
    [undefined, 'reaped'],
    [4_900, 'reaped'], // the row was silent for 4 s, in whole seconds
    [5_100, 'refused'],
  ])('behind a proxy, lost %j ms ago, whose row was used 4 s ago: %s', async (minSilenceMs, outcome) => {
    const server = createFakeServer();
    server.connect(7, 'orders@web-1', '10.0.0.1:50007');
    const results = await reapIdentified(server.ask, [{ ...lost, minSilenceMs }], noneInUse);
    expect(outcomes(results)).toEqual([outcome]);
  });

  test.each(['id=77 addr=10.0.0.1:50007 name=orders@web-1', 'id=7', 'OK', ' id=7 addr=x', ''])(
    'without a row of its own is gone: %j',
    async (row) => {
      const server = createFakeServer();
      server.rows.set(7, row);
      expect(outcomes(await reapIdentified(server.ask, [lost], noneInUse))).toEqual(['gone']);
      expect(server.killed).toEqual([]);
    },
  );

  test('is gone when it closes between LIST and KILL', async () => {
    const server = createFakeServer();
    server.connect(7, 'orders@web-1', '10.0.0.1:50007');
    const results = await reapIdentified(
      (...words) => {
        if (words[1] === 'kill') server.rows.clear();
        return server.ask(...words);
      },
      [lost],
      noneInUse,
    );
    expect(outcomes(results)).toEqual(['gone']);
  });

  test('without a name is killed only when its row has no name either', async () => {
    const server = createFakeServer();
    server.connect(7, '', '10.0.0.1:50007');
    server.connect(8, 'somebody', '10.0.0.1:50008');
    const unnamed = [7, 8].map((clientId) => ({
      ...lost,
      clientId,
      name: '',
      address: `10.0.0.1:${50_000 + clientId}`,
    }));
    expect(outcomes(await reapIdentified(server.ask, unnamed, noneInUse))).toEqual(['reaped', 'refused']);
  });

  test('without an address, of an old server, is compared by name alone', async () => {
    const server = createFakeServer();
    server.connect(7, 'orders@web-1', '10.0.0.9:1');
    server.connect(8, 'somebody', '10.0.0.9:2');
    const results = await reapIdentified(
      server.ask,
      [7, 8].map((clientId) => ({ ...lost, clientId, address: undefined })),
      noneInUse,
    );
    expect(outcomes(results)).toEqual(['reaped', 'refused']);
  });

  test('without a known name is compared by address alone', async () => {
    const server = createFakeServer();
    server.connect(7, 'anything', '10.0.0.1:50007');
    expect(outcomes(await reapIdentified(server.ask, [{ ...lost, name: undefined }], noneInUse))).toEqual([
      'reaped',
    ]);
  });
});

test('many orphans are looked up with one command, and the results are in the same order', async () => {
  const server = createFakeServer();
  server.connect(9, 'orders@web-1', '10.0.0.1:50007');
  server.connect(7, 'stranger', '10.0.0.1:50007');
  const results = await reapIdentified(
    server.ask,
    [9, 8, 7].map((clientId) => ({ ...lost, clientId })),
    noneInUse,
  );
  expect(outcomes(results)).toEqual(['reaped', 'gone', 'refused']);
  expect(server.commands).toEqual(['client list ID 9 8 7', 'client kill ID 9']);
});

describe('a server before 6.2', () => {
  test('is not asked for the row: the orphan is killed by its id alone', async () => {
    const server = createFakeServer();
    server.isOld = true;
    server.connect(7, 'orders@web-1', '10.0.0.1:50007');
    const results = await reapIdentified(server.ask, [lost, { ...lost, clientId: 8 }], noneInUse);
    expect(outcomes(results)).toEqual(['reaped', 'gone']);
    expect(server.killed).toEqual([7]);
  });
});

describe('errors that are no result are thrown:', () => {
  test.each(['list', 'kill'] as const)('a refusal of %s', async (right) => {
    const server = createFakeServer();
    server.connect(7, 'orders@web-1', '10.0.0.1:50007');
    server.refused.add(right);
    await expect(reapIdentified(server.ask, [lost], noneInUse)).rejects.toThrow(`'client|${right}'`);
    expect(server.killed).toEqual([]);
  });

  test.each(['client list', 'client kill'])('a connection that breaks at %s', async (command) => {
    const server = createFakeServer();
    server.connect(7, 'orders@web-1', '10.0.0.1:50007');
    server.breaksAt = command;
    await expect(reapIdentified(server.ask, [lost], noneInUse)).rejects.toThrow('Connection is closed.');
  });

  test('a busy server is not taken for an old one: nothing is killed without a look at its row', async () => {
    const server = createFakeServer();
    server.connect(7, 'stranger', '10.0.0.9:1');
    const busy = replyError('BUSY Redis is busy running a script. You can only call SCRIPT KILL.');
    await reapIdentified(
      (...words) => (words[1] === 'list' ? Promise.reject(busy) : server.ask(...words)),
      [lost],
      noneInUse,
    ).catch(() => undefined);
    expect(server.killed).toEqual([]);
  });
});

test('the command that grants the rights names the user', () => {
  expect(permissionDenied({ ...lost, user: 'app' })).toEqual({
    outcome: 'refused',
    why: 'Grant it: ACL SETUSER app +client|list +client|kill +info',
  });
  expect(permissionDenied({ ...lost, user: undefined }).why).toContain('ACL SETUSER <user> +client|list');
  expect(Object.keys(orphanOutcomes)).toEqual(['reaped', 'gone', 'refused', 'unreached', 'forgotten']);
});

test('only an error reply that begins with NOPERM is a denied permission', () => {
  const errors = [replyError('NOPERM x'), new Error('NOPERM x'), replyError('ERR NOPERM'), 'NOPERM'];
  expect(errors.map(isPermissionDenied)).toEqual([true, false, false, false]);
});
