import { expect, test } from 'vitest';
import { createChoiceParser } from '../../../src/cli/choice-parser.js';
import { runCli } from '../../support/command-io.js';

const parse = createChoiceParser(['one', 'two']);

test.each(['two', 'Two', 'TWO'])('%s is the choice "two"', (text) => {
  expect(parse(text)).toBe('two');
});

test('another text is refused with the choices', () => {
  expect(() => parse('three')).toThrow('Allowed choices are one, two.');
});

test('explain takes a code in any case, as --library takes a name', async () => {
  const asked = await runCli(['explain', 'CONNECTION-FLOOD', '--library', 'REDIS-PY']);
  const expected = await runCli(['explain', 'connection-flood', '--library', 'redis-py']);
  expect(asked).toEqual(expected);
  expect(asked.code).toBe(0);
});
