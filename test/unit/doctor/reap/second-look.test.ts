import { expect, test } from 'vitest';
import type { ProofKind } from '../../../../src/doctor/reap/death-proof.js';
import { secondLookDelayMs } from '../../../../src/doctor/reap/second-look.js';
import { settingTable } from '../../../../src/options/settings.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const planWith = (...proofs: readonly ProofKind[]) => ({
  kills: proofs.map((proof) => ({ row: clientRow(), listedAt: 0, command: [], proof, why: '' })),
});

test('nothing to confirm needs no second look', () => {
  expect(secondLookDelayMs([], undefined)).toBe(0);
  expect(secondLookDelayMs([planWith(), planWith('filter')], undefined)).toBe(0);
});

test('a proof waits for a heartbeat and its deadline', () => {
  expect(secondLookDelayMs([planWith('filter', 'peer-kernel')], undefined)).toBe(20_000);
  expect(secondLookDelayMs([planWith('record')], 60_000)).toBe(65_000);
  expect(secondLookDelayMs([planWith('server-kernel')], 2_000)).toBe(4_000);
});

test('an assumption waits for the longest heartbeat and deadline that a service may have', () => {
  const { heartbeatIntervalMs, heartbeatDeadlineMs } = settingTable;
  const longest = 1.2 * heartbeatIntervalMs.max + heartbeatDeadlineMs.max;
  expect(secondLookDelayMs([planWith('peer-kernel'), planWith('assumption')], undefined)).toBe(longest);
  expect(secondLookDelayMs([planWith('assumption')], 15_000)).toBe(33_000);
});

test('the kernel of a server must have tried once more', () => {
  const { kills } = planWith('server-kernel', 'peer-kernel');
  const waiting = (nextMs: number) => [
    { kills: kills.map((kill) => ({ ...kill, unanswered: { times: 8, nextMs } })) },
  ];
  expect(secondLookDelayMs(waiting(46_000), undefined)).toBe(47_000);
  expect(secondLookDelayMs(waiting(3_000), undefined)).toBe(20_000);
});
