import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ErrorReply,
  MAX_REPLY_BYTES,
  OverlongReplyError,
  ProtocolError,
  type Reply,
  ReplyDecoder,
} from '../../../../src/doctor/server/reply-decoder.js';

/** Decodes bytes that arrive in these chunks. */
function decode(...chunks: readonly (string | Uint8Array)[]): readonly Reply[] {
  const replies: Reply[] = [];
  const decoder = new ReplyDecoder({ onReply: (reply) => replies.push(reply), onText: () => undefined });
  for (const chunk of chunks) decoder.write(Buffer.from(chunk));
  return replies;
}

test.each<[string, Reply]>([
  ['+OK\r\n', 'OK'],
  ['-ERR no\r\n', new ErrorReply('ERR no')],
  [':-7\r\n', -7],
  ['$-1\r\n', null],
  ['*-1\r\n', null],
  ['$0\r\n\r\n', ''],
  ['$4\r\na\r\nb\r\n', 'a\r\nb'],
  ['*0\r\n', []],
  ['*2\r\n*2\r\n+a\r\n:1\r\n*1\r\n*0\r\n', [['a', 1], [[]]]],
])('decodes %j, also byte by byte', (text, reply) => {
  expect(decode(text)).toEqual([reply]);
  expect(decode(...Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte)))).toEqual([reply]);
  expect(decode(text + text)).toEqual([reply, reply]);
});

describe('refuses', () => {
  test.each([
    ['what is no reply', 'HTTP/1.1 200 OK\r\n'],
    ['a reply of another version of the protocol', '>1\r\n$-1\r\n'],
    ['a length that is no number', '$x\r\n'],
    ['a number that is none', ':1e3\r\n'],
    ['lists in lists without end', '*1\r\n'.repeat(100_000)],
    ['a line without end', `+${'x'.repeat(70_000)}`],
  ])('%s', (_, text) => expect(() => decode(text)).toThrow(ProtocolError));

  test.each([
    ['an endless text, when its length is announced', [`$${MAX_REPLY_BYTES + 1}\r\n`]],
    ['an endless list, at its limit', ['*99999999999\r\n', Buffer.alloc(MAX_REPLY_BYTES + 1, ':1\r\n')]],
  ])('%s', (_, chunks) => expect(() => decode(...chunks)).toThrow(OverlongReplyError));
});

test('nothing is thrown but a ProtocolError, and the chunks do not matter', () => {
  const token = fc.constantFrom(
    '+',
    '-',
    ':',
    '$',
    '*',
    '>',
    '0',
    '1',
    '4',
    '9',
    '\r',
    '\n',
    '\r\n',
    '$3\r\nabc\r\n',
    '*2\r\n',
    'x',
    '\0',
  );
  const run = (chunks: readonly string[]) => {
    try {
      return decode(...chunks);
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError);
      return 'refused';
    }
  };
  fc.assert(
    fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
      expect(run(tokens)).toEqual(run([tokens.join('')]));
    }),
    { numRuns: 2_000 },
  );
});

test('a text that is passed on is not kept, and has a limit of its own', () => {
  const seen: number[] = [];
  const replies: Reply[] = [];
  const receiver = { maxBytes: 10, write: (chunk: Uint8Array) => void seen.push(chunk.length) };
  const decoder = new ReplyDecoder({ onReply: (reply) => replies.push(reply), onText: () => receiver });
  for (const chunk of ['$8\r\nabc', 'defgh\r', '\n+OK\r\n']) decoder.write(Buffer.from(chunk));
  expect({ seen, replies }).toEqual({ seen: [3, 5], replies: ['', 'OK'] });
  expect(() => decoder.write(Buffer.from('$11\r\n'))).toThrow(OverlongReplyError);
});
