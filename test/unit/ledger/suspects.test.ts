import { expect, test, vi } from 'vitest';
import type { ConnectionFacts, ConnectionInfo } from '../../../src/ledger/connection.js';
import { createSuspects, type Suspicion } from '../../../src/ledger/connection-counts.js';
import { connection } from '../reporter-bench.js';
import { facts } from './fake-handle.js';

const handler: ConnectionFacts = { ...facts, opener: ['handler (/app/server.js:9:22)', 'main'] };
const other: ConnectionFacts = { ...facts, opener: ['other (/app/other.js:1:1)'] };

function bench(limit: number) {
  const onSuspect = vi.fn<(suspicion: Suspicion) => void>();
  const suspects = createSuspects(limit, onSuspect);
  const info: ConnectionInfo = connection('dialling');
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
    [{ site: handler.opener[0], count: 11, limit: 10, opener: handler.opener, connection: info }],
  ]);
});

test('each line counts for itself', () => {
  const { open, onSuspect } = bench(10);
  open(10);
  open(10, other);
  expect(onSuspect).not.toHaveBeenCalled();
  open(1, other);
  expect(onSuspect.mock.calls.map(([{ site }]) => site)).toEqual([other.opener[0]]);
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
  const unknown = { ...facts, opener: [] };
  open(5, unknown);
  close(5, unknown);
  expect(onSuspect).not.toHaveBeenCalled();
});
