import { describe, expect, test, vi } from 'vitest';
import { createTcpStateReader, type TcpFlow, type ReadText } from '../../../src/liveness/tcp-state.js';
import { end, flow, row, table } from '../../support/unit/liveness/proc-table.js';

const TCP = '/proc/self/net/tcp';
const TCP6 = '/proc/self/net/tcp6';
const v4 = ['10.0.0.1:50000', '10.0.0.2:6379'] as const;
const v6 = ['[::1]:50000', '[::1]:6379'] as const;
const otherPort = ['10.0.0.1:50007', '10.0.0.2:6379'] as const;

function rowOf([local, remote]: readonly [string, string]): string {
  return row(end(local), end(remote));
}

/** Reads these files. Any other file fails as on a system without it. */
function reader(files: Readonly<Record<string, string>>): ReturnType<typeof vi.fn<ReadText>> {
  return vi.fn<ReadText>((file) => {
    const text = files[file];
    if (text !== undefined) return Promise.resolve(text);
    return Promise.reject(Object.assign(new Error(`ENOENT: ${file}`), { code: 'ENOENT' }));
  });
}

function readStates(text: string, ...flows: TcpFlow[]) {
  return createTcpStateReader(reader({ [TCP]: text }))(flows);
}

const unreadable = (why: string) => ({ kind: 'unreadable', why });
const NOT_LISTED = unreadable('the connection is not listed');

describe('each file', () => {
  test('is read once, however many flows are asked for', async () => {
    const read = reader({ [TCP]: table(rowOf(v4)), [TCP6]: table(rowOf(v6)) });
    const flows = [flow(...v4), flow(...v6), flow(...v4), flow(...v6)];
    const states = await createTcpStateReader(read)(flows);
    expect(states.map(({ kind }) => kind)).toEqual(flows.map(() => 'acknowledged'));
    expect(read.mock.calls.map(([file]) => file).sort()).toEqual([TCP, TCP6]);
  });

  test('is read once more if a flow is missing, because the kernel may leave out a row', async () => {
    const read = reader({ [TCP]: table(rowOf(v4)), [TCP6]: table(rowOf(v6)) });
    read.mockResolvedValueOnce(table());
    const states = await createTcpStateReader(read)([flow(...v4), flow(...otherPort), flow(...v6)]);
    expect(states.map(({ kind }) => kind)).toEqual(['acknowledged', 'unreadable', 'acknowledged']);
    expect(read.mock.calls.map(([file]) => file).sort()).toEqual([TCP, TCP, TCP6]);
  });

  test.each([
    [[flow(...v4)], [TCP]],
    [[flow(...v6)], [TCP6]],
    [[flow('[::ffff:10.0.0.1]:50000', '[::ffff:10.0.0.2]:6379')], [TCP6]],
    [['local' as const], []],
    [[], []],
  ])('is read only if it may contain a flow: %j', async (flows, expected) => {
    const mapped = row(end('[::ffff:10.0.0.1]:50000'), end('[::ffff:10.0.0.2]:6379'));
    const read = reader({ [TCP]: table(rowOf(v4)), [TCP6]: table(rowOf(v6), mapped) });
    await createTcpStateReader(read)(flows);
    expect(read.mock.calls.map(([file]) => file)).toEqual(expected);
  });

  test('is read again for each call', async () => {
    const read = reader({ [TCP]: table(rowOf(v4)) });
    const readTcpStates = createTcpStateReader(read);
    await readTcpStates([flow(...v4)]);
    read.mockResolvedValue(
      table(row(end(v4[0]), end(v4[1]), { queued: 17, resent: 2, timer: '01:00000010' })),
    );
    expect(await readTcpStates([flow(...v4)])).toEqual([
      { kind: 'unacknowledged', bytes: 17, timesResent: 2 },
    ]);
  });
});

test('a unix socket counts as acknowledged: its peer cannot vanish', async () => {
  expect(await readStates(table(rowOf(v4)), 'local', flow(...v4), 'local')).toEqual([
    { kind: 'acknowledged' },
    { kind: 'acknowledged' },
    { kind: 'acknowledged' },
  ]);
});

test('a socket that has closed has no ends, and is not listed', async () => {
  const closed = {
    localAddress: undefined,
    localPort: undefined,
    remoteAddress: undefined,
    remotePort: undefined,
  };
  expect(await readStates(table(rowOf(v4)), closed, { ...flow(...v4), remoteAddress: undefined })).toEqual([
    NOT_LISTED,
    NOT_LISTED,
  ]);
});

describe('a file that is missing', () => {
  test('makes its flows unreadable, with the reason', async () => {
    expect(await createTcpStateReader(reader({}))([flow(...v4), flow(...v6)])).toEqual([
      unreadable('ENOENT'),
      unreadable('ENOENT'),
    ]);
  });

  test('does not affect the flows of the other file', async () => {
    const readTcpStates = createTcpStateReader(reader({ [TCP]: table(rowOf(v4)) }));
    expect(await readTcpStates([flow(...v6), flow(...v4), 'local'])).toEqual([
      unreadable('ENOENT'),
      { kind: 'acknowledged' },
      { kind: 'acknowledged' },
    ]);
  });

  test('makes its flows unreadable also when the error has no code', async () => {
    const read = vi.fn<ReadText>(() => Promise.reject(new Error('a defect')));
    expect(await createTcpStateReader(read)([flow(...v4)])).toEqual([unreadable('failed')]);
  });
});

describe('a file without rows', () => {
  test.each(['', '\n', table()])('lists no flow: %j', async (text) => {
    expect(await readStates(text, flow(...v4))).toEqual([NOT_LISTED]);
  });
});

const validRow = rowOf(v4);
/** Rows that are damaged after a readable local port. */
const damagedRows = {
  'cut in its addresses': validRow.slice(0, 30),
  'cut before its number of resends': validRow.slice(0, validRow.indexOf('00000000  1000')),
  'cut within its number of resends': validRow.slice(0, validRow.indexOf('00000000  1000') + 5),
  'with a queue that is not a number': validRow.replace('00000000:00000000', 'xxxxxxxx:00000000'),
  'with an address of another length': validRow.replace(/: [\dA-F]{8}:/, ': 0A0000:'),
};

describe('an unreadable row', () => {
  test.each(Object.entries(damagedRows))(
    'with our port makes its flow unreadable: %s',
    async (_case, text) => {
      expect(await readStates(table(text), flow(...v4))).toEqual([unreadable('unreadable rows')]);
    },
  );

  test.each([
    'garbage',
    '',
    '   7: nonsense',
    '7 0100000A:C350',
    validRow.slice(0, 10),
    validRow.toLowerCase(),
  ])('whose port cannot be read makes every flow unreadable that is not found: %j', async (badRow) => {
    expect(await readStates(table(badRow, rowOf(otherPort)), flow(...v4), flow(...otherPort))).toEqual([
      unreadable('unreadable rows'),
      { kind: 'acknowledged' },
    ]);
  });

  test.each(Object.entries(damagedRows))(
    'with another port does not affect our flow: %s',
    async (_case, text) => {
      expect(await readStates(table(text, rowOf(otherPort)), flow(...otherPort))).toEqual([
        { kind: 'acknowledged' },
      ]);
      const absent = flow('10.0.0.1:50008', '10.0.0.2:6379');
      expect(await readStates(table(text), absent)).toEqual([NOT_LISTED]);
    },
  );

  test('in one file does not affect the flows of the other file', async () => {
    const readTcpStates = createTcpStateReader(reader({ [TCP]: table('garbage'), [TCP6]: table() }));
    expect(await readTcpStates([flow(...v4), flow(...v6)])).toEqual([
      unreadable('unreadable rows'),
      NOT_LISTED,
    ]);
  });

  test('does not affect the rows after it', async () => {
    expect(await readStates(table('garbage', validRow), flow(...v4))).toEqual([{ kind: 'acknowledged' }]);
    expect(await readStates(table(validRow, validRow.slice(0, 40)), flow(...v4))).toEqual([
      { kind: 'acknowledged' },
    ]);
  });
});

test('the last row may lack its line break', async () => {
  expect(await readStates(table(validRow).trimEnd(), flow(...v4))).toEqual([{ kind: 'acknowledged' }]);
});
