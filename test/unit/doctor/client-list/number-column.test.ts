import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberColumn, TextColumn } from '../../../../src/doctor/client-list/number-column.js';

test('a column of numbers returns what was added, also where neighbours are equal', () => {
  const number = fc.oneof(fc.constantFrom(0, -0, 7, NaN), fc.double());
  fc.assert(
    fc.property(fc.array(number, { minLength: 1 }), fc.nat({ max: 5_000 }), (numbers, repeats) => {
      const all = [...Array<number>(repeats).fill(numbers[0] ?? 0), ...numbers];
      const column = new NumberColumn();
      all.forEach((each) => column.push(each));
      expect(column.length).toBe(all.length);
      expect(all.map((_, index) => column.at(index))).toEqual(all);
    }),
    { numRuns: 50 },
  );
});

test('a number in a column can be replaced', () => {
  const column = new NumberColumn();
  for (let index = 0; index < 5_000; index += 1) column.push(1);
  column.set(4_500, 2);
  expect([0, 4_499, 4_500, 4_501, 4_999].map((index) => column.at(index))).toEqual([1, 1, 2, 1, 1]);
});

test('a number that needs more than 4 bytes is kept among smaller ones', () => {
  const numbers = [1, 2, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -0, 0.5, NaN];
  const column = new NumberColumn();
  numbers.forEach((number) => column.push(number));
  expect(numbers.map((_, index) => column.at(index))).toEqual(numbers);
});

test('a column of texts returns what was added', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('', 'a', 'b', '__proto__')), (texts) => {
      const column = new TextColumn();
      texts.forEach((text) => column.push(text));
      expect(texts.map((_, index) => column.at(index))).toEqual(texts);
    }),
  );
});

test('a column of texts returns what was added, also where nearly every text is another one', () => {
  const column = new TextColumn();
  const texts = Array.from({ length: 100_000 }, (_, index) => `worker-${index}`);
  const all = [...texts, 'worker-7', 'worker-99999', 'worker-99999', 'worker-7'];
  all.forEach((text) => column.push(text));
  expect(all.map((_, index) => column.at(index))).toEqual(all);
});
