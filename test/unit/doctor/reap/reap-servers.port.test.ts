import { describe, expect, test } from 'vitest';
import { HygieneError } from '../../../../src/core/errors.js';
import { createRowReader } from '../../../../src/doctor/client-list/row-reader.js';
import { createReapPort } from '../../../../src/doctor/reap/reap-servers.js';
import type { ServerConnection } from '../../../../src/doctor/server/server-connection.js';

/** The words of Redis 2.8.11 to a subcommand that it does not know. */
const OLD = 'ERR Syntax error, try CLIENT (LIST | KILL ip:port | GETNAME | SETNAME connection-name)';

const reply = (text: string) => new HygieneError('HYG_TARGET_REPLY', `old:6379 answered it with: ${text}.`);

type Asked = Pick<ServerConnection, 'target' | 'call' | 'clients'>;

function fakeServer(answers: Partial<Asked>): Asked {
  const refuse = () => Promise.reject(reply(OLD));
  return { target: 'old:6379', call: refuse, clients: refuse, ...answers };
}

const LIST = [1, 2].map((id) => `id=${id} addr=1.1.1.1:${id} name=n${id} age=9 idle=9 flags=N\n`).join('');

function listing(version: 'old' | 'new') {
  const asked: (readonly number[] | undefined)[] = [];
  const clients: ServerConnection['clients'] = (onRow, ids) => {
    asked.push(ids);
    if (version === 'old' && ids) return Promise.reject(reply(OLD));
    const reader = createRowReader(onRow);
    reader.write(Buffer.from(LIST));
    return Promise.resolve(reader.end());
  };
  return { clients, asked };
}

describe('the list', () => {
  test('says of each connection whether it is named', async () => {
    const { clients } = listing('new');
    const port = createReapPort(fakeServer({ clients }), (row) => row.text('name') === 'n2');
    const seen = await port.list();
    expect(seen.map(({ row, named }) => [row.id, row.target, named])).toEqual([
      [1, 'old:6379', false],
      [2, 'old:6379', true],
    ]);
  });

  test('is read whole from a server before Redis 6.2, which is asked once', async () => {
    const { clients, asked } = listing('old');
    const port = createReapPort(fakeServer({ clients }), () => true);
    await port.list([1]);
    expect(await port.list([1])).toHaveLength(2);
    expect(asked).toEqual([[1], undefined, undefined]);
  });

  test('a server that is busy is not taken for an old one', async () => {
    const busy = reply('BUSY Redis is busy running a script.');
    const port = createReapPort(fakeServer({ clients: () => Promise.reject(busy) }), () => true);
    await expect(port.list([1])).rejects.toBe(busy);
  });
});

describe('the kill', () => {
  const KILL = ['CLIENT', 'KILL', 'ID', '1', 'ADDR', '1.1.1.1:1', 'TYPE', 'normal', 'SKIPME', 'yes'];

  test('gives how many were closed', async () => {
    const calls: unknown[] = [];
    const call: ServerConnection['call'] = (...words) => {
      calls.push(words);
      return Promise.resolve(1);
    };
    expect(await createReapPort(fakeServer({ call }), () => true).kill(KILL)).toBe(1);
    expect(calls).toEqual([KILL]);
  });

  test('a server that knows no CLIENT KILL ID is told apart', async () => {
    const failure = createReapPort(fakeServer({}), () => true).kill(KILL);
    await expect(failure).rejects.toMatchObject({ code: 'HYG_KILL_UNSUPPORTED' });
    await expect(failure).rejects.toThrow(/Redis 2\.8\.12/);
  });

  test.each([
    reply('LOADING Redis is loading the dataset in memory'),
    new HygieneError('HYG_TARGET_PERMISSION', ''),
  ])('any other answer stays what it is: %s', async (error) => {
    const port = createReapPort(fakeServer({ call: () => Promise.reject(error) }), () => true);
    await expect(port.kill(KILL)).rejects.toBe(error);
  });
});
