import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/core/clock.js';
import { createAttributor } from '../../../../src/doctor/attribution/attribute.js';
import { rowResolvers } from '../../../../src/doctor/attribution/row-resolvers.js';
import { HygieneError } from '../../../../src/core/errors.js';
import { createRowReader } from '../../../../src/doctor/client-list/row-reader.js';
import { parseFilter } from '../../../../src/doctor/group/row-filter.js';
import { createReapPort, type ReapServices, type Selection } from '../../../../src/doctor/reap/reap-port.js';
import type { ServerSource } from '../../../../src/doctor/reap/reap-servers.js';
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

const SELECT_ALL: Selection = {
  ...{ filter: undefined, needsProof: false, heartbeatSeconds: 15, assumeDeadAfterSeconds: undefined },
  records: undefined,
};

/** A port over a fake server, whose clock shows 42. Everything about owners comes from connection names. */
function portOver(
  server: PortServer,
  selection: Partial<Selection> = {},
  services: Partial<ReapServices> = {},
) {
  const { attribute } = createAttributor(rowResolvers);
  const source: ServerSource = {
    ...{ target: server.target, isLocal: () => false, own: undefined },
    server: { ...server, socket: new Socket() },
  };
  return createReapPort(
    { source, runId: 'run-1' },
    { ...SELECT_ALL, ...selection },
    { clock: { ...systemClock, now: () => 42 }, attributePeers: attribute, ...services },
  );
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

describe('the look', () => {
  test('has the connections that match, the ids of all, and the time', async () => {
    const { listClients } = fakeList('new');
    const port = portOver(fakeServer({ listClients }), { filter: parseFilter('name=n2') });
    const { at, ids, connections } = await port.look();
    expect([at, [...ids]]).toEqual([42, [1, 2]]);
    expect(connections).toMatchObject([
      { row: { id: 2, target: 'old:6379' }, verdict: { kind: 'close', proof: 'filter' } },
    ]);
  });

  test('applies conditions on owners to all that match otherwise', async () => {
    const { listClients } = fakeList('new');
    const port = portOver(fakeServer({ listClients }), { filter: parseFilter('owner!=n1 idle=9') });
    const { connections } = await port.look();
    expect(connections.map(({ row }) => row.name)).toEqual(['n2']);
  });

  test('asks the kernels and the records where a proof is needed', async () => {
    const { listClients } = fakeList('new');
    const asked: unknown[] = [];
    const port = portOver(
      fakeServer({ listClients }),
      { needsProof: true, records: [{ runId: 'run-1', clientId: 2, name: 'n2', address: '1.1.1.1:2' }] },
      {
        lookAtKernels({ rows, own }) {
          asked.push([rows.length, own]);
          return () => ({ kind: 'unknown', why: '' });
        },
      },
    );
    const { connections } = await port.look();
    expect(asked).toEqual([[2, undefined]]);
    expect(connections.map(({ verdict }) => verdict.kind)).toEqual(['healthy', 'close']);
  });
});

describe('the list', () => {
  test('is that of all connections, or of some ids with what the row matches', async () => {
    const { listClients, idsAsked } = fakeList('new');
    const port = portOver(fakeServer({ listClients }), { filter: parseFilter('name=n2') });
    expect((await port.list()).map(({ id }) => id)).toEqual([1, 2]);
    expect((await port.reread([1, 2])).map(({ row, matches }) => [row.id, matches])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(idsAsked).toEqual([undefined, [1, 2]]);
  });

  test('is read whole from a server before Redis 6.2, which gets LIST ID only once', async () => {
    const { listClients, idsAsked } = fakeList('old');
    const port = portOver(fakeServer({ listClients }));
    await port.reread([1]);
    expect(await port.reread([1])).toHaveLength(2);
    expect(idsAsked).toEqual([[1], undefined, undefined]);
  });

  test('is not read whole from a server that is busy', async () => {
    const busy = errorReply('BUSY Redis is busy running a script.');
    const port = portOver(fakeServer({ listClients: () => Promise.reject(busy) }));
    await expect(port.reread([1])).rejects.toBe(busy);
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
    expect(await portOver(fakeServer({ call })).kill(KILL)).toBe(1);
    expect(calls).toEqual([KILL]);
  });

  test('reports a server without CLIENT KILL ID as HYG_KILL_UNSUPPORTED', async () => {
    const failure = portOver(fakeServer({})).kill(KILL);
    await expect(failure).rejects.toMatchObject({ code: 'HYG_KILL_UNSUPPORTED' });
    await expect(failure).rejects.toThrow(/Redis 2\.8\.12/);
  });

  test.each([
    errorReply('LOADING Redis is loading the dataset in memory'),
    new HygieneError('HYG_TARGET_PERMISSION', ''),
  ])('passes on any other error: %s', async (error) => {
    const port = portOver(fakeServer({ call: () => Promise.reject(error) }));
    await expect(port.kill(KILL)).rejects.toBe(error);
  });
});
