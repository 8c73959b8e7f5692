import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatCount } from '../../../../src/doctor/text/quantities.js';

const SRC = new URL('../../../../src/', import.meta.url);

/** A count in a template text, followed by a noun in the plural. Units such as ms have no singular. */
const COUNT_AND_NOUN =
  /\$\{(?:[\w.]*(?:[cC]ount|length|size|[lL]ines)|connections|clients|rows|found)\} (?:more )?(?!ms\b)[a-z]+s\b/;

test('a count of one has a noun in the singular, in every message of the command line', () => {
  expect([0, 1, 2].map((count) => formatCount(count, 'line'))).toEqual(['0 lines', '1 line', '2 lines']);
  expect([1, 2].map((count) => formatCount(count, 'address'))).toEqual(['1 address', '2 addresses']);
  const lines = ['cli', 'doctor'].flatMap((folder) =>
    readdirSync(new URL(folder, SRC), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => readFileSync(new URL(`${folder}/${file}`, SRC), 'utf8').split('\n')),
  );
  expect(lines.filter((line) => COUNT_AND_NOUN.test(line))).toEqual([]);
});
