import { describe, expect, test, vi } from 'vitest';
import {
  type AskServer,
  askServerSideIdentity,
  readListedIdentity,
} from '../../../src/liveness/server-side-identity.js';
import { isReplyError } from '../../../src/core/errors.js';
import { clientRows, unixRow } from '../../support/unit/liveness/client-rows.js';
import {
  brokenConnection,
  createFakeServer,
  replyError,
  rowOf,
} from '../../support/unit/liveness/fake-server.js';

/** Asks the first questions, and goes on with their replies. */
function askIdentity(ask: AskServer) {
  const first = { clientInfo: ask('client', 'info'), serverInfo: ask('info', 'server') };
  return askServerSideIdentity(ask, first);
}

describe('a row of CLIENT LIST', () => {
  test.each(Object.entries(clientRows))('of %s is read', (server, row) => {
    expect(readListedIdentity(row)).toEqual({
      clientId: 17,
      name: 'orders@web-1',
      address: '127.0.0.1:36238',
      serverEnd: /^Redis (5|6\.0)$/.test(server) ? undefined : '127.0.0.1:6379',
      user: server === 'Redis 5' ? undefined : 'default',
      ageS: Number(/age=(\d+)/.exec(row)?.[1]),
      idleS: Number(/idle=(\d+)/.exec(row)?.[1]),
    });
  });

  test('is read with its line break, as CLIENT INFO prints it', () => {
    expect(readListedIdentity(`${clientRows['Redis 7.0']}\r\n`)).toEqual(
      readListedIdentity(clientRows['Redis 7.0']),
    );
    expect(readListedIdentity('id=1 addr=h:1 name=x\n')).toMatchObject({ name: 'x' });
  });

  test('of a unix socket whose path contains spaces is read', () => {
    const row = readListedIdentity(unixRow);
    expect(row).toMatchObject({ clientId: 5, name: 'a=b', user: 'default' });
    expect(row?.address).toMatch(/^\/tmp\/unit-probe/);
  });

  test.each([
    ['an IPv6 address', 'id=3 addr=[2001:db8::1]:44678 name=x', { address: '[2001:db8::1]:44678' }],
    ['no name', 'id=3 addr=h:1 name= age=0', { name: '' }],
    ['a name with an equals sign', 'id=3 addr=h:1 name=a=b=c', { name: 'a=b=c' }],
    ['fields in another order', 'user=u name=x addr=h:1 id=3', { clientId: 3, user: 'u', name: 'x' }],
    ['fields that nobody knows', 'id=3 shoe=42 addr=h:1 flag name=x =y', { clientId: 3, name: 'x' }],
    ['a large id', 'id=9007199254740991 addr=h:1 name=x', { clientId: 9007199254740991 }],
    ['no user', 'id=3 addr=h:1 name=x', { user: undefined }],
  ])('with %s is read', (_case, row, expected) => {
    expect(readListedIdentity(row)).toMatchObject(expected);
  });

  test.each([
    '',
    '\n',
    'undefined',
    'null',
    'id=3',
    'addr=h:1 name=x',
    'id= addr=h:1 name=x',
    'id=three addr=h:1 name=x',
    'id=3x addr=h:1 name=x',
    'id=x3 addr=h:1 name=x',
    'id=-3 addr=h:1 name=x',
    'id=0x3 addr=h:1 name=x',
    'id=3 addr= name=x',
    'id=3 name=x',
    'id=3 addr=h:1',
    'xid=3 addr=h:1 name=x',
    'id=3 xaddr=h:1 xname=x',
    'OK',
  ])('without id, address or name is rejected: %j', (row) => {
    expect(readListedIdentity(row)).toBeUndefined();
  });

  test('does not keep the whole reply in memory, also with more than a thousand different names', () => {
    const names = Array.from({ length: 2_500 }, (_, id) => `client-${id}@host`);
    const rows = names.map((name, id) => readListedIdentity(rowOf(id, name, `h:${id}`)));
    expect(rows.map((row) => row?.name)).toEqual(names);
    expect(rows.map((row) => row?.address)).toEqual(names.map((_, id) => `h:${id}`));
  });
});

describe('the server-side identity', () => {
  test('contains what CLIENT INFO shows of the connection, and the run of the server', async () => {
    const server = createFakeServer('0a1b2c');
    expect(await askIdentity(server.ask)).toEqual({
      runId: '0a1b2c',
      clientId: 99,
      name: 'orders@web-1',
      address: '10.0.0.1:50099',
      serverEnd: '10.0.0.2:6379',
      user: 'default',
    });
    expect(server.commands).toEqual(['client info', 'info server']);
  });

  test('has no run id when INFO is refused', async () => {
    const server = createFakeServer();
    server.refused.add('info');
    expect(await askIdentity(server.ask)).toMatchObject({ clientId: 99, runId: undefined });
  });

  test.each([
    ['redis_version:7.0.15\r\ntcp_port:6379\r\n', undefined],
    ['last_run_id:abc\r\n', undefined],
    ['# Server\nrun_id:abc\nx:1', 'abc'],
    ['', undefined],
  ])('has the run id of a line of INFO: %j', async (info, runId) => {
    const { ask } = createFakeServer();
    const changed: AskServer = (command, ...args) =>
      command === 'info' ? Promise.resolve(info) : ask(command, ...args);
    expect(await askIdentity(changed)).toMatchObject({ runId });
  });

  test.each<[string, (server: ReturnType<typeof createFakeServer>) => unknown]>([
    ['before 6.2', (server) => (server.isOld = true)],
    ['that refuses CLIENT INFO', (server) => server.refused.add('client info')],
  ])('of a server %s consists of id and name', async (_case, prepare) => {
    const server = createFakeServer();
    prepare(server);
    expect(await askIdentity(server.ask)).toEqual({
      runId: 'a1',
      clientId: 99,
      name: 'orders@web-1',
      address: undefined,
      user: undefined,
    });
    expect(server.commands).toEqual(['client info', 'info server', 'client id', 'client getname']);
  });

  test('of an old server has an empty name where none is set, and an unknown name where the name is refused', async () => {
    const server = createFakeServer();
    server.isOld = true;
    const named =
      (name: () => Promise<unknown>): AskServer =>
      (command, ...args) =>
        args[0] === 'getname' ? name() : server.ask(command, ...args);
    expect(await askIdentity(named(() => Promise.resolve(null)))).toMatchObject({ name: '' });
    const refused = () => Promise.reject(replyError('NOPERM'));
    expect(await askIdentity(named(refused))).toMatchObject({ clientId: 99, name: undefined });
  });

  test('is undefined when the server refuses everything', async () => {
    const ask = vi.fn<AskServer>(() => Promise.reject(replyError('ERR unknown command')));
    expect(await askIdentity(ask)).toBeUndefined();
  });

  test.each(['client info', 'info server'])('rejects when the connection breaks at %s', async (command) => {
    const server = createFakeServer();
    server.breaksAt = command;
    await expect(askIdentity(server.ask)).rejects.toThrow('Connection is closed.');
  });

  test.each(['client id', 'client getname'])(
    'of an old server rejects when the connection breaks at %s',
    async (command) => {
      const server = createFakeServer();
      server.isOld = true;
      server.breaksAt = command;
      await expect(askIdentity(server.ask)).rejects.toThrow('Connection is closed.');
    },
  );
});

test('a refusal of the server is told from any other failure by the name of its class', () => {
  expect(isReplyError(replyError('NOPERM'))).toBe(true);
  expect([brokenConnection(), 'ReplyError', { name: 'ReplyError' }, undefined].map(isReplyError)).toEqual(
    Array(4).fill(false),
  );
});
