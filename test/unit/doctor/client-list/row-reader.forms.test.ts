import { describe, expect, test } from 'vitest';
import { clientListFields } from '../../../../src/doctor/client-list/client-row.js';
import { fixture, fixtures } from '../../../support/unit/doctor/client-list/fixtures.js';
import { read, type Fields } from '../../../support/unit/doctor/client-list/read.js';

/** Files whose lines are rows and nothing else. */
const plain = fixtures.filter(({ file }) => !/^(redis-cli-(quoted|exec)|made-up)/.test(file));

/** A row as anybody would read it: by its blanks and its first `=`. */
function naively(line: string): Fields {
  const known = new Set<string>(clientListFields);
  const pairs = line.replace(/^.*# |^txt:/, '').split(' ');
  const fields = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2))) as Fields;
  const told = Object.entries(fields).filter(([field, value]) => known.has(field) && value !== '');
  const ip = (fields['addr'] ?? '').replace(/:\d+$/, '');
  return { ...Object.fromEntries(told), ip, 'id as number': String(Number(fields['id'] ?? NaN)) };
}

describe('lists of all servers', () => {
  test.each(plain.map(({ file, bytes }) => [file, bytes] as const))('%s', (_file, bytes) => {
    const lines = bytes.toString('latin1').split(/\r?\n/);
    const rows = lines.filter((line) => line.includes('addr='));
    const others = lines.filter((line) => line.trim() !== '' && !line.includes('addr='));
    expect(read(bytes)).toEqual({
      rows: rows.map(naively),
      end: { rows: rows.length, strangers: others.length, truncated: false },
    });
  });

  test('Redis before 2.8.12 has no ids', () => {
    expect(new Set(read(fixture('redis-2.6.txt')).rows.map((row) => row['id as number']))).toEqual(
      new Set(['NaN']),
    );
  });

  test('Dragonfly has IPv6 without brackets, and unix sockets without a port', () => {
    const ips = read(fixture('dragonfly.txt')).rows.map(({ ip }) => ip);
    expect(ips).toEqual(expect.arrayContaining(['::1', '::ffff:172.18.0.5', 'unix-domain-socket']));
  });

  test('what no server writes', () => {
    const { rows, end } = read(fixture('made-up.txt'));
    expect(end).toEqual({ rows: 9, strangers: 0, truncated: true });
    const row = (name: string) => rows.find((fields) => fields['name'] === name);
    expect(row('any-order')).toMatchObject({ id: '34', idle: '5', age: '6' });
    expect(row('biggest')?.['id as number']).toBe(String(2 ** 64));
    expect(row('socket-with-space')).toMatchObject({ ip: '/srv/with space/redis.sock' });
    expect(row('bare-word flags N')).toMatchObject({ cmd: 'get' });
  });
});

describe('what redis-cli prints', () => {
  test('quoted, alone or as a reply to EXEC', () => {
    const quoted = read(fixture('redis-cli-quoted.txt'));
    expect(quoted.end).toEqual({ rows: 22, strangers: 0, truncated: false });
    expect(quoted.rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['a\\nb"c"', 'a=b=c|idle=0', 'orders@web-1#pool']),
    );
    expect(read(fixture('redis-cli-exec.txt'))).toEqual(quoted);
  });

  test('in the verbatim form of RESP3, also where lists of several servers follow each other', () => {
    const list = fixture('wire-resp3.txt');
    const { rows } = read(list, list);
    expect(rows).toHaveLength(42);
    expect(rows.filter((row) => row['id as number'] === 'NaN')).toEqual([]);
  });
});

describe('what becomes of a list in a file', () => {
  const ROW = 'id=7 addr=1.2.3.4:5 name=a age=1 idle=0 cmd=get';
  const only = (text: string) => read(Buffer.from(text)).rows[0];
  const expected = only(`${ROW}\n`);

  test.each([
    ['lines end in CR LF', `${ROW}\r\n`],
    ['the last line does not end', ROW],
    ['blanks at its end', `${ROW}  \n`],
    ['blanks before CR LF', `${ROW} \r\n`],
    ['two blanks between fields', `${ROW.replaceAll(' ', '  ')}\n`],
    ['an editor’s mark in front', `\ufeff${ROW}\n`],
    ['an editor’s mark in front of a quote', `\ufeff"${ROW}\\n"\n`],
    ['lines around it', `127.0.0.1:6379> CLIENT LIST\n${ROW}\n127.0.0.1:6379>\n`],
    ['a line that is too long before it', `${'x'.repeat(70_000)}\n${ROW}\n`],
  ])('%s', (_what, text) => {
    expect(only(text)).toEqual(expected);
    const pieces = Array.from({ length: Math.ceil(text.length / 1_000) }, (_, at) =>
      Buffer.from(text).subarray(at * 1_000, at * 1_000 + 1_000),
    );
    expect(read(...pieces).rows).toEqual([expected]);
  });

  test('a line that is too long is no row, though it looks like one', () => {
    const { rows, end } = read(Buffer.from(`${ROW} note=${'x'.repeat(70_000)}\n${ROW}\n`));
    expect(rows).toEqual([expected]);
    expect(end).toMatchObject({ rows: 1, strangers: 1 });
  });

  test('fields beyond 128 are not looked at', () => {
    const many = Array.from({ length: 200 }, (_, at) => `f${at}=1`).join(' ');
    expect(only(`${ROW} ${many} bare words user=nobody\n`)).toEqual(expected);
  });

  test('a number of more than 64 bits is none', () => {
    expect(only(`${ROW.replace('id=7', `id=${'9'.repeat(400)}`)}\n`)).toMatchObject({
      'id as number': 'NaN',
    });
  });
});
