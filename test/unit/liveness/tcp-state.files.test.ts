import { describe, expect, test, vi } from 'vitest';
import { createTcpStateReader, type TcpFlow, type ReadText } from '../../../src/liveness/tcp-state.js';
import { end, flow, row, table } from '../../support/unit/liveness/proc-table.js';

const TCP = '/proc/net/tcp';
const TCP6 = '/proc/net/tcp6';
const v4 = ['10.0.0.1:50000', '10.0.0.2:6379'] as const;
const v6 = ['[::1]:50000', '[::1]:6379'] as const;
const strange = ['10.0.0.1:50007', '10.0.0.2:6379'] as const;

function rowOf([local, remote]: readonly [string, string]): string {
  return row(end(local), end(remote));
}

/** Files by name; a missing one fails as on a system without it. */
function reader(files: Readonly<Record<string, string>>): ReturnType<typeof vi.fn<ReadText>> {
  return vi.fn<ReadText>((file) => {
    const text = files[file];
    if (text !== undefined) return Promise.resolve(text);
    return Promise.reject(Object.assign(new Error(`ENOENT: ${file}`), { code: 'ENOENT' }));
  });
}

function ask(text: string, ...flows: TcpFlow[]) {
  return createTcpStateReader(reader({ [TCP]: text }))(flows);
}

const unreadable = (why: string) => ({ kind: 'unreadable', why });
const NOT_LISTED = unreadable('the connection is not listed');

describe('each file', () => {
  test('is read once, however many flows are asked about', async () => {
    const read = reader({ [TCP]: table(rowOf(v4)), [TCP6]: table(rowOf(v6)) });
    const flows = [flow(...v4), flow(...v6), flow(...strange), flow(...v4), flow(...v6)];
    const testimonies = await createTcpStateReader(read)(flows);
    expect(testimonies.map(({ kind }) => kind)).toEqual([
      'acknowledged',
      'acknowledged',
      'unreadable',
      'acknowledged',
      'acknowledged',
    ]);
    expect(read.mock.calls.map(([file]) => file).sort()).toEqual([TCP, TCP6]);
  });

  test.each([
    [[flow(...v4)], [TCP]],
    [[flow(...v6)], [TCP6]],
    [[flow('[::ffff:10.0.0.1]:50000', '[::ffff:10.0.0.2]:6379')], [TCP6]],
    [['local' as const], []],
    [[], []],
  ])('is read only where a flow may stand in it: %j', async (flows, expected) => {
    const read = reader({ [TCP]: table(), [TCP6]: table() });
    await createTcpStateReader(read)(flows);
    expect(read.mock.calls.map(([file]) => file)).toEqual(expected);
  });

  test('is read anew for each question', async () => {
    const read = reader({ [TCP]: table(rowOf(v4)) });
    const kernel = createTcpStateReader(read);
    await kernel([flow(...v4)]);
    read.mockResolvedValue(
      table(row(end(v4[0]), end(v4[1]), { queued: 17, resent: 2, timer: '01:00000010' })),
    );
    expect(await kernel([flow(...v4)])).toEqual([{ kind: 'unacknowledged', bytes: 17, timesResent: 2 }]);
  });
});

test('a unix socket has no peer that could vanish', async () => {
  expect(await ask(table(rowOf(v4)), 'local', flow(...v4), 'local')).toEqual([
    { kind: 'acknowledged' },
    { kind: 'acknowledged' },
    { kind: 'acknowledged' },
  ]);
});

test('a socket that has closed meanwhile has no ends, and is in no table', async () => {
  const closed = {
    localAddress: undefined,
    localPort: undefined,
    remoteAddress: undefined,
    remotePort: undefined,
  };
  expect(await ask(table(rowOf(v4)), closed, { ...flow(...v4), remoteAddress: undefined })).toEqual([
    NOT_LISTED,
    NOT_LISTED,
  ]);
});

describe('a file that is missing', () => {
  test('makes its flows unreadable, and says why', async () => {
    expect(await createTcpStateReader(reader({}))([flow(...v4), flow(...v6)])).toEqual([
      unreadable('ENOENT'),
      unreadable('ENOENT'),
    ]);
  });

  test('does not touch the flows of the other', async () => {
    const kernel = createTcpStateReader(reader({ [TCP]: table(rowOf(v4)) }));
    expect(await kernel([flow(...v6), flow(...v4), 'local'])).toEqual([
      unreadable('ENOENT'),
      { kind: 'acknowledged' },
      { kind: 'acknowledged' },
    ]);
  });

  test('without a code of the system is unreadable too', async () => {
    const read = vi.fn<ReadText>(() => Promise.reject(new Error('a defect')));
    expect(await createTcpStateReader(read)([flow(...v4)])).toEqual([unreadable('failed')]);
  });
});

describe('a file without rows', () => {
  test.each(['', '\n', table()])('knows no flow: %j', async (text) => {
    expect(await ask(text, flow(...v4))).toEqual([NOT_LISTED]);
  });
});

const good = rowOf(v4);
/** Where the column begins that is damaged, in a row whose local port is readable. */
const damaged = {
  'cut in its addresses': good.slice(0, 30),
  'cut before its resending': good.slice(0, good.indexOf('00000000  1000')),
  'cut within its resending': good.slice(0, good.indexOf('00000000  1000') + 5),
  'with a queue that is no number': good.replace('00000000:00000000', 'xxxxxxxx:00000000'),
  'with an address of another length': good.replace(/: [\dA-F]{8}:/, ': 0A0000:'),
};

describe('an odd row', () => {
  test.each(Object.entries(damaged))('of our port makes its flow unreadable: %s', async (_case, text) => {
    expect(await ask(table(text), flow(...v4))).toEqual([unreadable('odd rows')]);
  });

  test.each(['garbage', '', '   7: nonsense', '7 0100000A:C350', good.slice(0, 10), good.toLowerCase()])(
    'whose port cannot be read may be that of any flow that is not found: %j',
    async (odd) => {
      expect(await ask(table(odd, rowOf(strange)), flow(...v4), flow(...strange))).toEqual([
        unreadable('odd rows'),
        { kind: 'acknowledged' },
      ]);
    },
  );

  test.each(Object.entries(damaged))('of another port is nobody’s: %s', async (_case, text) => {
    expect(await ask(table(text, rowOf(strange)), flow(...strange))).toEqual([{ kind: 'acknowledged' }]);
    const absent = flow('10.0.0.1:50008', '10.0.0.2:6379');
    expect(await ask(table(text), absent)).toEqual([NOT_LISTED]);
  });

  test('in one table says nothing of the other', async () => {
    const kernel = createTcpStateReader(reader({ [TCP]: table('garbage'), [TCP6]: table() }));
    expect(await kernel([flow(...v4), flow(...v6)])).toEqual([unreadable('odd rows'), NOT_LISTED]);
  });

  test('does not stand in the way of the rows after it', async () => {
    expect(await ask(table('garbage', good), flow(...v4))).toEqual([{ kind: 'acknowledged' }]);
    expect(await ask(table(good, good.slice(0, 40)), flow(...v4))).toEqual([{ kind: 'acknowledged' }]);
  });
});

test('the last row may be without a line’s end', async () => {
  expect(await ask(table(good).trimEnd(), flow(...v4))).toEqual([{ kind: 'acknowledged' }]);
});
