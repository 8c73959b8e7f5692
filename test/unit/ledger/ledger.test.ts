import { describe, expect, test, vi } from 'vitest';
import type { Ledger, MoveListener } from '../../../src/ledger/ledger.js';
import { createFakeClock, type FakeClock } from '../../support/unit/fake-clock.js';
import { thrown } from '../../support/unit/thrown.js';
import { createFakeHandle, facts } from '../../support/unit/ledger/fake-handle.js';
import { createRoomyLedger } from '../../support/unit/ledger/roomy-ledger.js';

interface Setup {
  readonly ledger: Ledger;
  readonly clock: FakeClock;
  readonly onMove: ReturnType<typeof vi.fn<MoveListener>>;
}

function setUp(): Setup {
  const clock = createFakeClock({ startMs: 1_000 });
  const onMove = vi.fn<MoveListener>();
  return { clock, onMove, ledger: createRoomyLedger({ clock, onMove }) };
}

describe('a new entry', () => {
  test('is connecting, with its first dial', () => {
    const { ledger } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    expect(entry.info()).toEqual({
      ...facts,
      id: entry.id,
      state: 'connecting',
      since: 1_000,
      openedAt: 1_000,
      dials: 1,
      clientId: undefined,
      localPort: undefined,
      bytesRead: 0,
      bytesWritten: 0,
    });
  });

  test('is reported, without a previous state', () => {
    const { ledger, onMove } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    expect(onMove.mock.calls).toEqual([[entry.info(), undefined]]);
  });

  test('has a unique id, even across ledgers', () => {
    const [one, other] = [setUp().ledger, setUp().ledger];
    const ids = [one, other, one].map((ledger) => ledger.open(facts, createFakeHandle()).id);
    expect(new Set(ids).size).toBe(3);
  });
});

describe('a move', () => {
  test('changes the state and the time of the change', async () => {
    const { ledger, clock } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    await clock.advance(50);
    entry.move({ kind: 'connected' });
    expect(entry.state).toEqual({ kind: 'connected' });
    expect(entry.info()).toMatchObject({ state: 'connected', since: 1_050, openedAt: 1_000 });
  });

  test('is reported with the previous state after it is made', () => {
    const { ledger, onMove } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    entry.move({ kind: 'connected' });
    expect(onMove).toHaveBeenLastCalledWith(
      expect.objectContaining({ state: 'connected' }),
      'connecting',
      undefined,
      undefined,
    );
  });

  test('that is not allowed throws and changes nothing', () => {
    const { ledger, onMove } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    thrown('HYG_ILLEGAL_MOVE', () => entry.move({ kind: 'ready' }));
    expect(entry.state).toEqual({ kind: 'connecting' });
    expect(onMove).toHaveBeenCalledOnce();
  });

  test.each([
    { kind: 'reconnecting', loss: 'stale' },
    { kind: 'closed', reason: 'lost', loss: 'server' },
  ] as const)('to $kind is reported with why the socket closed', (to) => {
    const { ledger, onMove } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    entry.move({ kind: 'connected' });
    entry.move(to);
    const reason = 'reason' in to ? to.reason : undefined;
    expect(onMove).toHaveBeenLastCalledWith(expect.anything(), 'connected', reason, to.loss);
  });

  test('to connecting increments the number of dials', () => {
    const entry = setUp().ledger.open(facts, createFakeHandle());
    entry.move({ kind: 'reconnecting' });
    expect(entry.info().dials).toBe(1);
    entry.move({ kind: 'connecting' });
    expect(entry.info().dials).toBe(2);
  });

  test('to reconnecting removes the id that the server gave the lost socket', () => {
    const entry = setUp().ledger.open(facts, createFakeHandle());
    entry.move({ kind: 'connected' });
    entry.setClientId(42);
    entry.move({ kind: 'ready' });
    expect(entry.info().clientId).toBe(42);
    entry.move({ kind: 'reconnecting' });
    expect(entry.info().clientId).toBeUndefined();
  });
});

describe('the move to closed', () => {
  test('removes the entry from the ledger before it is reported', () => {
    const { ledger, onMove } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    let remaining: number | undefined;
    onMove.mockImplementation(() => void (remaining = ledger.entries().length));
    entry.move({ kind: 'closed', reason: 'lost' });
    expect(remaining).toBe(0);
    expect(onMove).toHaveBeenLastCalledWith(
      expect.objectContaining({ state: 'closed' }),
      'connecting',
      'lost',
      undefined,
    );
  });

  test('has the first reason that was recorded', () => {
    const { ledger, onMove } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    entry.markClosing('shutdown');
    entry.markClosing('application');
    entry.move({ kind: 'closed', reason: 'gave-up' });
    expect(entry.state).toEqual({ kind: 'closed', reason: 'shutdown' });
    expect(onMove).toHaveBeenLastCalledWith(expect.anything(), 'connecting', 'shutdown', undefined);
  });

  test('is the only move with the recorded reason', () => {
    const { ledger, onMove } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    entry.markClosing('shutdown');
    entry.move({ kind: 'reconnecting' });
    expect(onMove).toHaveBeenLastCalledWith(expect.anything(), 'connecting', undefined, undefined);
  });

  test('is final', () => {
    const entry = setUp().ledger.open(facts, createFakeHandle());
    entry.move({ kind: 'closed', reason: 'lost' });
    thrown('HYG_ILLEGAL_MOVE', () => entry.move({ kind: 'closed', reason: 'lost' }));
    thrown('HYG_ILLEGAL_MOVE', () => entry.move({ kind: 'connecting' }));
  });
});

describe('the promise of whenClosed()', () => {
  test('resolves with the work that was not completed', async () => {
    const handle = createFakeHandle();
    const entry = setUp().ledger.open(facts, handle);
    const waiting = Promise.all([entry.whenClosed(), entry.whenClosed()]);
    const undone = { pending: 3, unsent: 1, isBlocked: false };
    handle.current.work = undone;
    entry.move({ kind: 'closed', reason: 'lost' });
    handle.current.work = { pending: 0, unsent: 0, isBlocked: false };
    expect(await waiting).toEqual([undone, undone]);
  });

  test('does not resolve after another move', async () => {
    const { ledger, clock } = setUp();
    const entry = ledger.open(facts, createFakeHandle());
    const resolved = vi.fn();
    void entry.whenClosed().then(resolved);
    entry.move({ kind: 'reconnecting' });
    await clock.advance(0);
    expect(resolved).not.toHaveBeenCalled();
  });

  test('resolves at once if the connection is already closed', async () => {
    const entry = setUp().ledger.open(facts, createFakeHandle({ pending: 2 }));
    entry.move({ kind: 'closed', reason: 'lost' });
    expect(await entry.whenClosed()).toMatchObject({ pending: 2 });
  });
});

describe('the ledger', () => {
  test('lists its entries in the order in which they were opened, even after one was closed', () => {
    const { ledger } = setUp();
    const [one, two, three] = [1, 2, 3].map(() => ledger.open(facts, createFakeHandle()));
    two?.move({ kind: 'closed', reason: 'lost' });
    expect(ledger.entries()).toEqual([one, three]);
    expect(ledger.snapshot().map(({ id }) => id)).toEqual([one?.id, three?.id]);
  });

  test('returns lists that the caller may keep and change', () => {
    const { ledger } = setUp();
    ledger.open(facts, createFakeHandle());
    (ledger.entries() as unknown[]).pop();
    const snapshot = ledger.snapshot();
    ledger.entries()[0]?.move({ kind: 'reconnecting' });
    expect(ledger.entries()).toHaveLength(1);
    expect(snapshot[0]?.state).toBe('connecting');
  });

  test('reads the facts of the live socket when a snapshot is taken', () => {
    const { ledger } = setUp();
    const handle = createFakeHandle();
    ledger.open(facts, handle);
    handle.current.socket = { localPort: 50_000, bytesRead: 7, bytesWritten: 9 };
    expect(ledger.snapshot()).toMatchObject([{ localPort: 50_000, bytesRead: 7, bytesWritten: 9 }]);
  });
});
