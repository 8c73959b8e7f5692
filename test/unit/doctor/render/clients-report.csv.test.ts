import { describe, expect, test } from 'vitest';
import { renderCsv } from '../../../../src/doctor/render/clients-report.js';

const cell = (value: string | number) => renderCsv(['a'], [[value]])[1];

test('renderCsv writes a heading and rows', () => {
  const rows = [
    ['orders', 3, 0.75],
    ['', 1, 0.25],
  ];
  expect(renderCsv(['owner', 'clients', 'share'], rows)).toEqual([
    'owner,clients,share',
    'orders,3,0.75',
    ',1,0.25',
  ]);
  expect(renderCsv(['owner'], [])).toEqual(['owner']);
});

describe('a cell', () => {
  test.each([
    ['plain text', 'plain text'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['it is', 'it is'],
  ])('of %j', (value, text) => {
    expect(cell(value)).toBe(text);
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['a=1', 'a=1'],
  ])('that a spreadsheet would run is escaped: %j', (value, text) => {
    expect(cell(value)).toBe(text);
  });

  test('contains no password of a URL', () => {
    expect(cell('redis://ann:s3cret@h')).toBe('redis://[redacted]@h');
  });

  test('contains no characters that move the cursor', () => {
    expect(cell('a\x1b[2J\u202eb\nc')).toBe('"a?[2J?b\nc"');
  });

  test('with a number is not a formula', () => {
    expect(cell(-3)).toBe('-3');
  });

  test('of the heading is escaped too', () => {
    expect(renderCsv(['a,b', '=c'], [])).toEqual(['"a,b",\'=c']);
  });
});
