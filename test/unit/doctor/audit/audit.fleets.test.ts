import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { findingsInRows, withIds } from '../../../support/unit/doctor/audit/lists.js';
import {
  movedTo,
  readList,
  recordedLists,
  scaled,
} from '../../../support/unit/doctor/audit/recorded-lists.js';

const fleets = recordedLists('fleets/');
const read = (file: string) => readList(`fleets/${file}`);

const codesIn = async (rows: readonly ClientRow[]) =>
  (await findingsInRows(rows)).map(({ code, owner }) => [code, owner]);

/** Rows of one host, which is not that of the server. */
const onHost = (host: number, rows: readonly ClientRow[]) =>
  movedTo(`10.0.3.${host}`, rows.every(({ ip }) => ip === '127.0.0.1') ? rows : rows.slice(0, 40));

/** Factor from the seconds of a recording to the hours of a night. */
const NIGHT = 500;

describe.each(fleets)('the healthy connections of %s have no findings', (file) => {
  test('as they were recorded', async () => {
    expect(await codesIn(read(file))).toEqual([]);
  });

  test('on another host', async () => {
    expect(await codesIn(onHost(9, read(file)))).toEqual([]);
  });

  test('after a night', async () => {
    expect(await codesIn(scaled(read(file), NIGHT))).toEqual([]);
  });

  test('behind the address of a mesh, together with those of other hosts', async () => {
    const rows = [1, 2, 3].flatMap((times) => scaled(read(file), NIGHT * times));
    expect(await codesIn(withIds(movedTo('127.0.0.6', rows)))).toEqual([]);
  });
});

test('all of them on one server have no findings', async () => {
  const rows = fleets.flatMap((file, host) => onHost(host + 1, scaled(read(file), NIGHT)));
  expect(await codesIn(withIds(rows))).toEqual([]);
});

test('a leak on Dragonfly is found, although it lists no commands', async () => {
  expect(await findingsInRows(readList('leaks/dragonfly.txt'))).toMatchObject([
    { code: 'connection-flood', owner: '10.0.1.9' },
    { code: 'abandoned-clients', owner: '10.0.1.9', evidence: { connections: 180 } },
  ]);
});
