import { describe, expect, test } from 'vitest';
import { type Column, plainStyle, renderTable } from '../../../../src/doctor/render/text-table.js';

type Pet = Readonly<Record<'name' | 'kind' | 'legs', string>>;

const pets: readonly Pet[] = [
  { name: 'Grandmother of cats', kind: 'cat', legs: '4' },
  { name: 'Bo', kind: 'millipede', legs: '1000' },
];

const name: Column<Pet> = { title: 'name', text: (pet) => pet.name };
const kind: Column<Pet> = { title: 'kind', text: (pet) => pet.kind, dropPriority: 1 };
const legs: Column<Pet> = { title: 'legs', text: (pet) => pet.legs, align: 'right', dropPriority: 2 };

function table(width: number, columns: readonly Column<Pet>[] = [name, kind, legs], rows = pets) {
  return renderTable(rows, columns, { width, style: plainStyle });
}

test('columns are aligned under their titles, and no line ends in spaces', () => {
  expect(table(Infinity)).toEqual([
    'name                 kind       legs',
    'Grandmother of cats  cat           4',
    'Bo                   millipede  1000',
  ]);
  expect(table(Infinity, [legs, name])).toEqual(['legs  name', '   4  Grandmother of cats', '1000  Bo']);
});

describe('on a narrow terminal', () => {
  test('a table that fits exactly is unchanged', () => {
    expect(table(36)).toEqual(table(Infinity));
  });

  test('the column with the highest drop priority is dropped first', () => {
    expect(table(35)[0]).toBe('name                 kind');
    expect(table(30)[0]).toBe('name                 kind');
    expect(table(29)[0]).toBe('name');
  });

  test('columns with the same drop priority are dropped together', () => {
    expect(table(35, [name, { ...kind, dropPriority: 2 }, legs])[0]).toBe('name');
  });

  test('a remaining column is cut', () => {
    expect(table(12)).toEqual(['name', 'Grandmother…', 'Bo']);
  });

  test('a column is not cut below 8 characters', () => {
    expect(table(3)).toEqual(['name', 'Grandmo…', 'Bo']);
    expect(table(0)).toEqual(table(3));
  });

  test('a short column is not widened', () => {
    const short: Column<Pet> = { title: 'kind', text: () => 'cat' };
    expect(table(3, [short, { ...short, align: 'right' }])[1]).toBe('cat    cat');
  });

  test('equally wide columns are cut no more than needed', () => {
    const stays: Column<Pet> = { title: 'kind', text: () => 'a'.repeat(20) };
    for (const width of [41, 40, 30, 21, 20, 18]) expect(table(width, [stays, stays])[1]).toHaveLength(width);
  });

  test('the widest columns are cut until the line fits', () => {
    const wide: Column<Pet> = { title: 'wide', text: () => 'b'.repeat(30) };
    expect(table(40, [name, wide])[1]).toHaveLength(40);
    expect(table(20, [name, wide])[1]).toHaveLength(20);
  });
});

test('unprintable characters in a cell are replaced', () => {
  const [, line] = table(Infinity, [name], [{ name: 'a\x1b[2J\u202e\u200b\nb', kind: '', legs: '' }]);
  expect(line).toBe('a?[2J???b');
});

test('without rows only the heading is rendered', () => {
  expect(table(80, [name, legs], [])).toEqual(['name  legs']);
});

test('only the heading is faint', () => {
  const style = { ...plainStyle, faint: (text: string) => `<${text}>` };
  expect(renderTable(pets, [legs], { width: 80, style })).toEqual(['<legs>', '   4', '1000']);
});
