import { describe, expect, test } from 'vitest';
import { checkMove, closeReasons, type StateKind } from '../../../src/ledger/connection.js';
import { thrown } from '../../support/unit/thrown.js';

const kinds: readonly StateKind[] = ['connecting', 'connected', 'ready', 'reconnecting', 'closed'];

const allowed: Readonly<Record<StateKind, readonly StateKind[]>> = {
  connecting: ['connected', 'reconnecting', 'closed'],
  connected: ['ready', 'reconnecting', 'closed'],
  ready: ['reconnecting', 'closed'],
  reconnecting: ['connecting', 'closed'],
  closed: [],
};

test('every close reason has a meaning in a sentence', () => {
  expect(Object.keys(closeReasons)).toEqual(
    expect.arrayContaining(['application', 'shutdown', 'gave-up', 'lost']),
  );
  for (const meaning of Object.values(closeReasons)) expect(meaning).toMatch(/^[A-Z].*\.$/);
});

const pairs = kinds.flatMap((from) => kinds.map((to) => ({ from, to })));

describe('a connection', () => {
  test.each(pairs.filter(({ from, to }) => allowed[from].includes(to)))(
    'may go from $from to $to',
    ({ from, to }) => {
      expect(() => checkMove(from, to)).not.toThrow();
    },
  );

  test.each(pairs.filter(({ from, to }) => !allowed[from].includes(to)))(
    'may not go from $from to $to',
    ({ from, to }) => {
      const { message, details } = thrown('HYG_ILLEGAL_MOVE', () => checkMove(from, to));
      expect(message).toContain(`A connection cannot go from "${from}" to "${to}".`);
      expect(details).toEqual({ from, to, allowed: allowed[from] });
    },
  );
});
