import { expect, test } from 'vitest';
import { quoteReply } from '../../../../src/doctor/text/safe-text.js';

test.each([
  ['ERR unknown command', 'ERR unknown command'],
  ['ERR not allowed.', 'ERR not allowed'],
  ['ERR not allowed.\r\n', 'ERR not allowed'],
  ['ERR is this a sentinel?', 'ERR is this a sentinel'],
  ['NOAUTH required:\u0000', 'NOAUTH required'],
  ['one\r\ntwo', 'one??two'],
])('%j inside a sentence is %j', (reply, text) => {
  expect(quoteReply(reply)).toBe(text);
});
