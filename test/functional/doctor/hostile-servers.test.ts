import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { answerCommands, bulk, useFakeServer } from '../../support/fake-server.js';
import { quietNow } from '../../support/quiet-clock.js';

// Servers whose replies are not those of Redis: of another type, without end, or made to harm.

const startServer = useFakeServer();

const list = (...items: readonly string[]) => `*${items.length}\r\n${items.join('')}`;
const ROW = 'id=1 addr=10.0.0.1:4711 laddr=10.0.0.9:6379 name=a age=1 idle=1 flags=N cmd=get\n';

/** The replies of a node of a Cluster in which all is well, by the beginning of the command. */
const healthy = {
  'client setname': '+OK\r\n',
  info: bulk('run_id:a\r\nmaxclients:100\r\nredis_mode:cluster\r\n'),
  'client info': bulk(ROW),
  'client list': bulk(ROW),
  'config get': list(bulk('timeout'), bulk('0')),
  'cluster nodes': bulk('07c3 127.0.0.1:1@2 myself,master - 0 0 1 connected'),
  'sentinel masters': list(
    list(bulk('name'), bulk('shop'), bulk('ip'), bulk('127.0.0.1'), bulk('port'), bulk('1')),
  ),
  'sentinel replicas': list(),
  'sentinel sentinels': list(),
};

type Command = keyof typeof healthy;

const oddReplies = {
  'nil text': '$-1\r\n',
  'nil list': '*-1\r\n',
  'a number': ':5\r\n',
  'a status': '+OK\r\n',
  'another text': bulk('hello'),
  'an empty text': bulk(''),
  'an empty list': list(),
  'a list of numbers': list(':1\r\n', ':2\r\n'),
  'a list of odd length': list(bulk('a'), bulk('b'), bulk('c')),
  'lists in a list': list(list(bulk('a')), list()),
  'nil in a list': list('$-1\r\n', '$-1\r\n'),
  'an error': '-ERR no\r\n',
  'an error without a text': '-\r\n',
  'another version of the protocol': '>1\r\n$-1\r\n',
  'an endless list': '*99999999999\r\n',
  'a length beyond all numbers': `*${'9'.repeat(400)}\r\n`,
  'an endless text': '$99999999999\r\n',
  'lists in lists without end': '*1\r\n'.repeat(50_000),
  'two replies': '+OK\r\n+OK\r\n',
  'bytes that are no text': Buffer.concat([
    Buffer.from('$4\r\n'),
    Buffer.from([255, 0, 27, 200]),
    Buffer.from('\r\n'),
  ]).toString('latin1'),
} as const;

function answering(command: Command, reply: string) {
  return startServer((socket) =>
    answerCommands(socket, (asked) => {
      const name = (Object.keys(healthy) as Command[]).find((known) => asked.startsWith(known));
      if (name === command) return reply;
      return name ? healthy[name] : '-ERR unknown command\r\n';
    }),
  );
}

/** Errors and warnings with a code, one a line. */
const CODED_LINES = /^((error|warning) [^\n\p{Cc}]+ \(HYG_[A-Z_]+\)\n|warning [^\n\p{Cc}]+\n)*$/u;

describe.for(Object.keys(healthy) as Command[])('whatever the reply to %s is,', (command) => {
  test.for(Object.entries(oddReplies))('%s does not break the doctor', async ([, reply]) => {
    const { host, port } = await answering(command, reply);
    const where = command.startsWith('sentinel') ? ['--sentinel', `${host}:${port}`] : [`${host}:${port}`];
    const { code, stderr } = await runCli(['doctor', ...where, '--timeout', '300ms', '--no-processes']);
    expect([0, 1, 2]).toContain(code);
    expect(stderr).toMatch(CODED_LINES);
    expect(stderr).not.toMatch(/TypeError|RangeError|undefined|\[object/);
  });
});

test.each([
  ['nil', '$-1\r\n', 'answered CLIENT LIST with nil instead of a text'],
  ['a number', ':5\r\n', 'answered CLIENT LIST with the number 5 instead of a text'],
  ['another text', bulk('hello'), 'answered CLIENT LIST with another text: it contains no row'],
  ['an empty text', bulk(''), 'answered CLIENT LIST with another text: it is empty'],
  ['a text of 10 GB', '$10000000000\r\n', 'answers CLIENT LIST with more than 256.0 MiB'],
])('CLIENT LIST that is answered with %s is one coded error', async (_, reply, message) => {
  const { url } = await answering('client list', reply);
  const { code, stdout, stderr } = await runCli(['clients', url, '--timeout', '10s']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^error [^\n]+ \(HYG_TARGET_REPLY\)\n$/);
});

test('a list that never ends is read up to its limit and no further, without being kept', async () => {
  const chunk = Buffer.alloc(1 << 20, 'x');
  const { url, accepted } = await startServer((socket) => {
    answerCommands(socket, (command) => {
      if (command.startsWith('config')) return list();
      if (command !== 'client list') return bulk('');
      const flood = () => {
        while (socket.writable && socket.write(chunk));
      };
      socket.on('drain', flood);
      setImmediate(flood);
      return '$200000000\r\n';
    });
  });
  const start = quietNow();
  const { code, stderr } = await runCli(['clients', url, '--timeout', '60s']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error [^\n]*contain no row[^\n]* \(HYG_TARGET_REPLY\)\n$/);
  expect(accepted.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0)).toBeLessThan(64 * 2 ** 20);
  expect(quietNow() - start).toBeLessThan(10_000);
});
