import { expect, test, vi } from 'vitest';
import type { ConnectionFacts, ConnectionInfo } from '../../../src/ledger/connection.js';
import { createCallSiteMonitor, type Suspicion } from '../../../src/ledger/connection-counts.js';
import { connection } from '../../support/unit/factory/reporter-harness.js';
import { facts } from '../../support/unit/ledger/fake-handle.js';

const handler: ConnectionFacts = { ...facts, callSite: ['handler (/app/server.js:9:22)', 'main'] };
const other: ConnectionFacts = { ...facts, callSite: ['other (/app/other.js:1:1)'] };

function bench(limit: number) {
  const onSuspect = vi.fn<(suspicion: Suspicion) => void>();
  const suspects = createCallSiteMonitor(limit, onSuspect);
  const info: ConnectionInfo = connection('connecting');
  return {
    onSuspect,
    info,
    open: (count: number, who = handler) => {
      for (let one = 0; one < count; one += 1) suspects.opened(who, () => info);
    },
    close: (count: number, who = handler) => {
      for (let one = 0; one < count; one += 1) suspects.closed(who);
    },
  };
}

test('a line is told of when it has one more than the limit', () => {
  const { open, onSuspect, info } = bench(10);
  open(10);
  expect(onSuspect).not.toHaveBeenCalled();
  open(1);
  expect(onSuspect.mock.calls).toEqual([
    [{ site: handler.callSite[0], count: 11, limit: 10, callSite: handler.callSite, connection: info }],
  ]);
});

test('each line counts for itself', () => {
  const { open, onSuspect } = bench(10);
  open(10);
  open(10, other);
  expect(onSuspect).not.toHaveBeenCalled();
  open(1, other);
  expect(onSuspect.mock.calls.map(([{ site }]) => site)).toEqual([other.callSite[0]]);
});

test('it is told once, and again only after it has fallen back to half the limit', () => {
  const { open, close, onSuspect } = bench(10);
  open(40);
  close(34);
  expect(onSuspect).toHaveBeenCalledTimes(1);
  open(10); // 6 → 16
  expect(onSuspect).toHaveBeenCalledTimes(1);
  close(11); // 5
  open(5);
  expect(onSuspect).toHaveBeenCalledTimes(1);
  open(1); // 11
  expect(onSuspect).toHaveBeenCalledTimes(2);
});

test('with a limit of one, it must fall back to none', () => {
  const { open, close, onSuspect } = bench(1);
  open(2);
  close(1);
  open(1);
  expect(onSuspect).toHaveBeenCalledTimes(1);
  close(2);
  open(2);
  expect(onSuspect).toHaveBeenCalledTimes(2);
});

test('without a line there is no suspect', () => {
  const { open, close, onSuspect } = bench(1);
  const unknown = { ...facts, callSite: [] };
  open(5, unknown);
  close(5, unknown);
  expect(onSuspect).not.toHaveBeenCalled();
});
