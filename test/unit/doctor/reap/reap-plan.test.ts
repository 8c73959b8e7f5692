import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import {
  formatCommand,
  killCommand,
  type PlanOptions,
  planReap,
} from '../../../../src/doctor/reap/reap-plan.js';
import { protectedReason, protectedTable } from '../../../../src/doctor/client-list/protected-rows.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

function plan(rows: readonly ClientRow[], options: Partial<PlanOptions> & { named?: boolean } = {}) {
  const { named = true, ...rest } = options;
  const seen = rows.map((row) => ({ row, named }));
  return planReap(seen, { max: 100, isSelf: () => false, why: () => 'asked for', ...rest });
}

const ids = (rows: readonly { readonly row: ClientRow }[]) => rows.map(({ row }) => row.id);

describe('what is never closed', () => {
  const never: [string, Partial<ClientRow>][] = [
    ['replica', { flags: 'S' }],
    ['replica', { flags: 'Sr' }],
    ['master', { flags: 'M' }],
    ['monitor', { flags: 'O' }],
    ['slot-migration', { flags: 'g' }],
    ['slot-migration', { flags: 'o' }],
    ['slot-migration', { flags: 'i' }],
    ['slot-migration', { flags: 'E' }],
    ['link-setup', { cmd: 'replconf' }],
    ['link-setup', { cmd: 'psync' }],
    ['sentinel', { name: 'sentinel-8dcb29ca-cmd' }],
    ['sentinel', { name: 'sentinel-8dcb29ca-pubsub', flags: 'P' }],
    ['unreadable', { flags: '' }],
    ['unreadable', { addr: '' }],
    ['unreadable', { id: NaN }],
  ];
  test.each(never)('%s: %j, also if it is named', (reason, own) => {
    expect(plan([clientRow(own)])).toEqual({ kills: [], spared: { [reason]: 1 }, left: 0 });
  });

  test('the table says so: each of its rules has an example here', () => {
    expect([...new Set(never.map(([reason]) => reason))].sort()).toEqual(Object.keys(protectedTable).sort());
  });

  test.each([
    { flags: 'N' },
    { flags: 'P' },
    { flags: 'b' },
    { flags: 'x' },
    { flags: 'reT' },
    { flags: 'I' },
    { name: 'sentinel-8dcb29ca' },
    { name: 'orders@sentinel-8dcb29ca-cmd' },
    { name: 'orders@web-1#sentinel' },
    { name: 'sentinel-8DCB29CA-cmd' },
  ])('%j may be closed', (own) => {
    expect(protectedReason(clientRow(own))).toBeUndefined();
  });

  test('the connection that asks', () => {
    const rows = [clientRow({ id: 1 }), clientRow({ id: 2 })];
    const { kills, spared } = plan(rows, { isSelf: ({ id }) => id === 2 });
    expect(ids(kills)).toEqual([1]);
    expect(spared).toEqual({ self: 1 });
  });
});

test('what is not named is left alone, and not even counted', () => {
  const rows = [clientRow(), clientRow({ flags: 'S' })];
  expect(plan(rows, { named: false })).toEqual({ kills: [], spared: {}, left: 0 });
});

test('the longest silent go first, up to the limit of a run', () => {
  const rows = [3, 9, 5, 9].map((idle, id) => clientRow({ id, idle }));
  const { kills, left } = plan(rows, { max: 3 });
  expect(ids(kills)).toEqual([1, 3, 2]);
  expect(left).toBe(1);
});

test('what is never closed takes no place of the limit', () => {
  const rows = [clientRow({ id: 1, idle: 9999, flags: 'S' }), clientRow({ id: 2 })];
  expect(ids(plan(rows, { max: 1 }).kills)).toEqual([2]);
});

describe('the command', () => {
  const shown = (own: Partial<ClientRow>) =>
    formatCommand(killCommand(clientRow({ ip: '10.0.0.5', port: 4711, ...own })));

  test('closes one connection and no other', () => {
    expect(shown({ id: 123 })).toBe('CLIENT KILL ID 123 ADDR 10.0.0.5:4711 TYPE normal SKIPME yes');
    expect(shown({ id: 123, flags: 'P' })).toContain('TYPE pubsub');
    expect(shown({ addr: '[fd77::1]:4711' })).toContain('ADDR [fd77::1]:4711 ');
  });

  test('is written as redis-cli takes it', () => {
    expect(shown({ addr: '/run/my redis.sock:0' })).toContain('ADDR "/run/my redis.sock:0" ');
  });

  test('stands in the plan, with its reason', () => {
    const row = clientRow({ idle: 90 });
    expect(plan([row], { why: ({ idle }) => `silent for ${idle}s` }).kills).toEqual([
      { row, command: killCommand(row), why: 'silent for 90s' },
    ]);
  });
});
