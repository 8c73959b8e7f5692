import { expect, test, vi } from 'vitest';
import type { ConnectionFacts, ConnectionInfo } from '../../../src/ledger/connection.js';
import {
  createCallSiteMonitor,
  createTally,
  type SuspectReport,
} from '../../../src/ledger/connection-counts.js';
import { connectionIn } from '../../support/unit/factory/reporter-harness.js';
import { facts } from '../../support/unit/ledger/fake-handle.js';

const handler: ConnectionFacts = { ...facts, callSite: ['handler (/app/server.js:9:22)', 'main'] };
const other: ConnectionFacts = { ...facts, callSite: ['other (/app/other.js:1:1)'] };

function setUp(limit: number, tally = createTally()) {
  const onSuspect = vi.fn<(report: SuspectReport) => void>();
  const monitor = createCallSiteMonitor(limit, onSuspect, tally);
  const info: ConnectionInfo = connectionIn('connecting');
  return {
    onSuspect,
    info,
    open: (count: number, facts = handler) => {
      for (let index = 0; index < count; index += 1) monitor.add(facts, () => info);
    },
    close: (count: number, facts = handler) => {
      for (let index = 0; index < count; index += 1) monitor.remove(facts);
    },
  };
}

test('a line is reported when it has one client more than the limit', () => {
  const { open, onSuspect, info } = setUp(10);
  open(10);
  expect(onSuspect).not.toHaveBeenCalled();
  open(1);
  expect(onSuspect.mock.calls).toEqual([
    [{ location: handler.callSite[0], count: 11, limit: 10, callSite: handler.callSite, connection: info }],
  ]);
});

test('each line is counted separately', () => {
  const { open, onSuspect } = setUp(10);
  open(10);
  open(10, other);
  expect(onSuspect).not.toHaveBeenCalled();
  open(1, other);
  expect(onSuspect.mock.calls.map(([{ location }]) => location)).toEqual([other.callSite[0]]);
});

test('a line is reported once, and again only after its count has fallen to half the limit', () => {
  const { open, close, onSuspect } = setUp(10);
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

test('with a limit of one, a line is reported again only after its count has fallen to zero', () => {
  const { open, close, onSuspect } = setUp(1);
  open(2);
  close(1);
  open(1);
  expect(onSuspect).toHaveBeenCalledTimes(1);
  close(2);
  open(2);
  expect(onSuspect).toHaveBeenCalledTimes(2);
});

test('clients with an empty call site are not reported', () => {
  const { open, close, onSuspect } = setUp(1);
  const unknown = { ...facts, callSite: [] };
  open(5, unknown);
  close(5, unknown);
  expect(onSuspect).not.toHaveBeenCalled();
});

test('clients of several factories are counted together, and each factory reports the line once', () => {
  const tally = createTally();
  const factories = Array.from({ length: 13 }, () => setUp(10, tally));
  factories.forEach(({ open }) => open(1));
  const counts = factories.map(({ onSuspect }) => onSuspect.mock.calls.map(([{ count }]) => count));
  expect(counts).toEqual([...Array.from({ length: 10 }, () => []), [11], [12], [13]]);
  factories.forEach(({ close }) => close(1));
  expect(tally.largestFirst()).toEqual([]);
});

test('a module that was loaded again is the same, whatever the query of its URL', () => {
  const { open, onSuspect } = setUp(2);
  for (const version of ['', '?t=1', '?v=a:b&t=2']) {
    open(1, { ...facts, callSite: [`open (file:///app/redis.js${version}:4:22)`] });
  }
  expect(onSuspect).toHaveBeenCalledOnce();
  expect(onSuspect.mock.calls[0]?.[0].location).toBe('open (file:///app/redis.js?v=a:b&t=2:4:22)');
});
