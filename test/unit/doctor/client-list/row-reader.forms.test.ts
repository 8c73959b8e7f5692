import { describe, expect, test } from 'vitest';
import { clientListFields } from '../../../../src/doctor/client-list/client-row.js';
import { fixture, fixtures } from '../../../support/unit/doctor/client-list/fixtures.js';
import { read, type Fields } from '../../../support/unit/doctor/client-list/read.js';

/** Files in plain form. */
const plainFixtures = fixtures.filter(({ file }) => !/^(redis-cli-(quoted|exec)|made-up)/.test(file));

/** Parses a row in the simplest way: split at spaces, then at the first `=`. */
function parseNaively(line: string): Fields {
  const known = new Set<string>(clientListFields);
  const pairs = line.replace(/^.*# |^txt:/, '').split(' ');
  const fields = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2))) as Fields;
  const present = Object.entries(fields).filter(([field, value]) => known.has(field) && value !== '');
  const ip = (fields['addr'] ?? '').replace(/:\d+$/, '');
  return { ...Object.fromEntries(present), ip, 'id as number': String(Number(fields['id'] ?? NaN)) };
}

describe('lists of each server are read', () => {
  test.each(plainFixtures.map(({ file, bytes }) => [file, bytes] as const))('%s', (_file, bytes) => {
    const lines = bytes.toString('latin1').split(/\r?\n/);
    const rows = lines.filter((line) => line.includes('addr='));
    const others = lines.filter((line) => line.trim() !== '' && !line.includes('addr='));
    expect(read(bytes)).toEqual({
      rows: rows.map(parseNaively),
      end: { rows: rows.length, skippedLines: others.length, truncated: false },
    });
  });

  test('ids are NaN for Redis before 2.8.12', () => {
    expect(new Set(read(fixture('redis-2.6.txt')).rows.map((row) => row['id as number']))).toEqual(
      new Set(['NaN']),
    );
  });

  test('addresses of Dragonfly: IPv6 without brackets, unix sockets without a port', () => {
    const ips = read(fixture('dragonfly.txt')).rows.map(({ ip }) => ip);
    expect(ips).toEqual(expect.arrayContaining(['::1', '::ffff:172.18.0.5', 'unix-domain-socket']));
  });

  test('unusual rows that no known server writes', () => {
    const { rows, end } = read(fixture('made-up.txt'));
    expect(end).toEqual({ rows: 9, skippedLines: 0, truncated: true });
    const row = (name: string) => rows.find((fields) => fields['name'] === name);
    expect(row('any-order')).toMatchObject({ id: '34', idle: '5', age: '6' });
    expect(row('biggest')?.['id as number']).toBe(String(2 ** 64));
    expect(row('socket-with-space')).toMatchObject({ ip: '/srv/with space/redis.sock' });
    expect(row('bare-word flags N')).toMatchObject({ cmd: 'get' });
  });
});

describe('output of redis-cli is read', () => {
  test('in quoted form, alone or as a reply to EXEC', () => {
    const quoted = read(fixture('redis-cli-quoted.txt'));
    expect(quoted.end).toEqual({ rows: 22, skippedLines: 0, truncated: false });
    expect(quoted.rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['a\\nb"c"', 'a=b=c|idle=0', 'orders@web-1#pool']),
    );
    expect(read(fixture('redis-cli-exec.txt'))).toEqual(quoted);
  });

  test('in the verbatim form of RESP3, also several lists in a row', () => {
    const list = fixture('wire-resp3.txt');
    const { rows } = read(list, list);
    expect(rows).toHaveLength(42);
    expect(rows.filter((row) => row['id as number'] === 'NaN')).toEqual([]);
  });
});

describe('a row in a file is read although', () => {
  const ROW = 'id=7 addr=1.2.3.4:5 name=a age=1 idle=0 cmd=get';
  const readOne = (text: string) => read(Buffer.from(text)).rows[0];
  const expected = readOne(`${ROW}\n`);

  test.each([
    ['CR LF ends it', `${ROW}\r\n`],
    ['no newline ends it', ROW],
    ['the line ends in spaces', `${ROW}  \n`],
    ['there is a space before CR LF', `${ROW} \r\n`],
    ['there are two spaces between fields', `${ROW.replaceAll(' ', '  ')}\n`],
    ['a byte order mark precedes it', `\ufeff${ROW}\n`],
    ['a byte order mark and a quote precede it', `\ufeff"${ROW}\\n"\n`],
    ['other lines surround it', `127.0.0.1:6379> CLIENT LIST\n${ROW}\n127.0.0.1:6379>\n`],
    ['a line that is too long precedes it', `${'x'.repeat(70_000)}\n${ROW}\n`],
  ])('%s', (_what, text) => {
    expect(readOne(text)).toEqual(expected);
    const chunks = Array.from({ length: Math.ceil(text.length / 1_000) }, (_, at) =>
      Buffer.from(text).subarray(at * 1_000, at * 1_000 + 1_000),
    );
    expect(read(...chunks).rows).toEqual([expected]);
  });

  test('a row that is too long is skipped', () => {
    const { rows, end } = read(Buffer.from(`${ROW} note=${'x'.repeat(70_000)}\n${ROW}\n`));
    expect(rows).toEqual([expected]);
    expect(end).toMatchObject({ rows: 1, skippedLines: 1 });
  });

  test('fields beyond the 128th are ignored', () => {
    const many = Array.from({ length: 200 }, (_, at) => `f${at}=1`).join(' ');
    expect(readOne(`${ROW} ${many} bare words user=nobody\n`)).toEqual(expected);
  });

  test('an id of more than 64 bits is NaN', () => {
    expect(readOne(`${ROW.replace('id=7', `id=${'9'.repeat(400)}`)}\n`)).toMatchObject({
      'id as number': 'NaN',
    });
  });
});
