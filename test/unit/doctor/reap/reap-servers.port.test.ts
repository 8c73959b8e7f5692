import { describe, expect, test } from 'vitest';
import { HygieneError } from '../../../../src/core/errors.js';
import { createRowReader } from '../../../../src/doctor/client-list/row-reader.js';
import { createReapPort } from '../../../../src/doctor/reap/reap-servers.js';
import type { ServerConnection } from '../../../../src/doctor/server/server-connection.js';

/** Error of Redis 2.8.11 about an unknown subcommand. */
const UNKNOWN_SUBCOMMAND =
  'ERR Syntax error, try CLIENT (LIST | KILL ip:port | GETNAME | SETNAME connection-name)';

const errorReply = (text: string) =>
  new HygieneError('HYG_TARGET_REPLY', `old:6379 answered it with: ${text}.`);

type PortServer = Pick<ServerConnection, 'target' | 'call' | 'listClients'>;

function fakeServer(replies: Partial<PortServer>): PortServer {
  const refuse = () => Promise.reject(errorReply(UNKNOWN_SUBCOMMAND));
  return { target: 'old:6379', call: refuse, listClients: refuse, ...replies };
}

const LIST = [1, 2].map((id) => `id=${id} addr=1.1.1.1:${id} name=n${id} age=9 idle=9 flags=N\n`).join('');

function fakeList(version: 'old' | 'new') {
  const idsAsked: (readonly number[] | undefined)[] = [];
  const listClients: ServerConnection['listClients'] = (onRow, ids) => {
    idsAsked.push(ids);
    if (version === 'old' && ids) return Promise.reject(errorReply(UNKNOWN_SUBCOMMAND));
    const reader = createRowReader(onRow);
    reader.write(Buffer.from(LIST));
    return Promise.resolve(reader.end());
  };
  return { listClients, idsAsked };
}

describe('the list', () => {
  test('tells of each connection whether it is a candidate', async () => {
    const { listClients } = fakeList('new');
    const port = createReapPort(fakeServer({ listClients }), (row) => row.text('name') === 'n2');
    const connections = await port.list();
    expect(connections.map(({ row, isCandidate }) => [row.id, row.target, isCandidate])).toEqual([
      [1, 'old:6379', false],
      [2, 'old:6379', true],
    ]);
  });

  test('is read whole from a server before Redis 6.2, which gets LIST ID only once', async () => {
    const { listClients, idsAsked } = fakeList('old');
    const port = createReapPort(fakeServer({ listClients }), () => true);
    await port.list([1]);
    expect(await port.list([1])).toHaveLength(2);
    expect(idsAsked).toEqual([[1], undefined, undefined]);
  });

  test('is not read whole from a server that is busy', async () => {
    const busy = errorReply('BUSY Redis is busy running a script.');
    const port = createReapPort(fakeServer({ listClients: () => Promise.reject(busy) }), () => true);
    await expect(port.list([1])).rejects.toBe(busy);
  });
});

describe('the kill', () => {
  const KILL = ['CLIENT', 'KILL', 'ID', '1', 'ADDR', '1.1.1.1:1', 'TYPE', 'normal', 'SKIPME', 'yes'];

  test('returns the number of closed connections', async () => {
    const calls: unknown[] = [];
    const call: ServerConnection['call'] = (...words) => {
      calls.push(words);
      return Promise.resolve(1);
    };
    expect(await createReapPort(fakeServer({ call }), () => true).kill(KILL)).toBe(1);
    expect(calls).toEqual([KILL]);
  });

  test('reports a server without CLIENT KILL ID as HYG_KILL_UNSUPPORTED', async () => {
    const failure = createReapPort(fakeServer({}), () => true).kill(KILL);
    await expect(failure).rejects.toMatchObject({ code: 'HYG_KILL_UNSUPPORTED' });
    await expect(failure).rejects.toThrow(/Redis 2\.8\.12/);
  });

  test.each([
    errorReply('LOADING Redis is loading the dataset in memory'),
    new HygieneError('HYG_TARGET_PERMISSION', ''),
  ])('passes on any other error: %s', async (error) => {
    const port = createReapPort(fakeServer({ call: () => Promise.reject(error) }), () => true);
    await expect(port.kill(KILL)).rejects.toBe(error);
  });
});
