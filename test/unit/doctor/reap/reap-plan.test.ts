import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import {
  formatCommand,
  killCommand,
  type PlanOptions,
  planReap,
} from '../../../../src/doctor/reap/reap-plan.js';
import type { Verdict } from '../../../../src/doctor/reap/death-proof.js';
import { protectedReason, protectedTable } from '../../../../src/doctor/client-list/protected-rows.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const CLOSE: Verdict = { kind: 'close', proof: 'peer-kernel', why: 'test' };

function plan(
  rows: readonly ClientRow[],
  options: Partial<PlanOptions> & { readonly verdict?: Verdict } = {},
) {
  const { verdict = CLOSE, ...rest } = options;
  const connections = rows.map((row) => ({ row, verdict }));
  return planReap({ at: 1_000, connections }, { max: 100, isSelf: () => false, ...rest });
}

const ids = (rows: readonly { readonly row: ClientRow }[]) => rows.map(({ row }) => row.id);

describe('protected', () => {
  const protectedRows: [string, Partial<ClientRow>][] = [
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
  test.each(protectedRows)('%s: a candidate with %j is not closed', (reason, own) => {
    expect(plan([clientRow(own)])).toEqual({
      ...{ kills: [], unproven: [], deferred: 0 },
      protectedCounts: { [reason]: 1 },
    });
  });

  test('each reason of the table has an example here', () => {
    expect([...new Set(protectedRows.map(([reason]) => reason))].sort()).toEqual(
      Object.keys(protectedTable).sort(),
    );
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
  ])('%j is not protected', (own) => {
    expect(protectedReason(clientRow(own))).toBeUndefined();
  });

  test('the connection of this command is not closed', () => {
    const rows = [clientRow({ id: 1 }), clientRow({ id: 2 })];
    const { kills, protectedCounts } = plan(rows, { isSelf: ({ id }) => id === 2 });
    expect(ids(kills)).toEqual([1]);
    expect(protectedCounts).toEqual({ self: 1 });
  });
});

test('a healthy connection is neither closed nor counted', () => {
  const rows = [clientRow(), clientRow({ flags: 'S' })];
  const nothing = { kills: [], protectedCounts: {}, deferred: 0, unproven: [] };
  expect(plan(rows, { verdict: { kind: 'healthy' } })).toEqual(nothing);
});

test('a connection that nothing proves to be dead is listed, but not one that is protected', () => {
  const rows = [
    clientRow({ id: 1, idle: 5 }),
    clientRow({ id: 2, flags: 'S' }),
    clientRow({ id: 3, idle: 9 }),
    clientRow({ id: 4 }),
  ];
  const verdict: Verdict = { kind: 'leave', why: 'no proof' };
  const { kills, protectedCounts, unproven } = plan(rows, { verdict, isSelf: ({ id }) => id === 4 });
  expect([kills, protectedCounts]).toEqual([[], {}]);
  expect(unproven.map(({ row, why }) => [row.id, why])).toEqual([
    [3, 'no proof'],
    [1, 'no proof'],
  ]);
});

test('the longest idle connections are closed first, up to the limit', () => {
  const rows = [3, 9, 5, 9].map((idle, id) => clientRow({ id, idle }));
  const { kills, deferred } = plan(rows, { max: 3 });
  expect(ids(kills)).toEqual([1, 3, 2]);
  expect(deferred).toBe(1);
});

test('a protected connection does not count against the limit', () => {
  const rows = [clientRow({ id: 1, idle: 9999, flags: 'S' }), clientRow({ id: 2 })];
  expect(ids(plan(rows, { max: 1 }).kills)).toEqual([2]);
});

describe('the command', () => {
  const commandFor = (own: Partial<ClientRow>) =>
    formatCommand(killCommand(clientRow({ ip: '10.0.0.5', port: 4711, ...own })));

  test('has the filters that select one connection', () => {
    expect(commandFor({ id: 123 })).toBe('CLIENT KILL ID 123 ADDR 10.0.0.5:4711 TYPE normal SKIPME yes');
    expect(commandFor({ id: 123, flags: 'P' })).toContain('TYPE pubsub');
    expect(commandFor({ addr: '[fd77::1]:4711' })).toContain('ADDR [fd77::1]:4711 ');
  });

  test('is quoted for redis-cli', () => {
    expect(commandFor({ addr: '/run/my redis.sock:0' })).toContain('ADDR "/run/my redis.sock:0" ');
  });

  test('is in the plan with its proof, its reason and the time of the look', () => {
    const row = clientRow({ idle: 90 });
    const unanswered = { times: 4, nextMs: 0 };
    const verdict: Verdict = { kind: 'close', proof: 'server-kernel', why: 'resent', unanswered };
    expect(plan([row], { verdict }).kills).toEqual([
      {
        ...{ row, listedAt: 1_000, command: killCommand(row) },
        ...{ proof: 'server-kernel', why: 'resent', unanswered },
      },
    ]);
  });
});
