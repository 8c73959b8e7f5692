import { describe, expect, test, vi } from 'vitest';
import type { Ledger, MoveListener } from '../../../src/ledger/ledger.js';
import { createFakeClock, type FakeClock } from '../../support/unit/fake-clock.js';
import { thrown } from '../../support/unit/thrown.js';
import { createFakeHandle, facts } from '../../support/unit/ledger/fake-handle.js';
import { createRoomyLedger } from '../../support/unit/ledger/roomy-ledger.js';

interface Bench {
  readonly ledger: Ledger;
  readonly clock: FakeClock;
  readonly onMove: ReturnType<typeof vi.fn<MoveListener>>;
}

function bench(): Bench {
  const clock = createFakeClock({ startMs: 1_000 });
  const onMove = vi.fn<MoveListener>();
  return { clock, onMove, ledger: createRoomyLedger({ clock, onMove }) };
}

describe('a new entry', () => {
  test('is being dialled for the first time, since it was opened', () => {
    const { ledger } = bench();
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

  test('is told of, without a state before', () => {
    const { ledger, onMove } = bench();
    const entry = ledger.open(facts, createFakeHandle());
    expect(onMove.mock.calls).toEqual([[entry.info(), undefined]]);
  });

  test('has an id of its own, also across ledgers', () => {
    const [one, other] = [bench().ledger, bench().ledger];
    const ids = [one, other, one].map((ledger) => ledger.open(facts, createFakeHandle()).id);
    expect(new Set(ids).size).toBe(3);
  });
});

describe('a move', () => {
  test('changes the state and the time since when', async () => {
    const { ledger, clock } = bench();
    const entry = ledger.open(facts, createFakeHandle());
    await clock.advance(50);
    entry.move({ kind: 'connected' });
    expect(entry.state).toEqual({ kind: 'connected' });
    expect(entry.info()).toMatchObject({ state: 'connected', since: 1_050, openedAt: 1_000 });
  });

  test('is told of, with the state before, once it is made', () => {
    const { ledger, onMove } = bench();
    const entry = ledger.open(facts, createFakeHandle());
    entry.move({ kind: 'connected' });
    expect(onMove).toHaveBeenLastCalledWith(
      expect.objectContaining({ state: 'connected' }),
      'connecting',
      undefined,
    );
  });

  test('that its state does not allow throws and changes nothing', () => {
    const { ledger, onMove } = bench();
    const entry = ledger.open(facts, createFakeHandle());
    thrown('HYG_ILLEGAL_MOVE', () => entry.move({ kind: 'ready' }));
    expect(entry.state).toEqual({ kind: 'connecting' });
    expect(onMove).toHaveBeenCalledOnce();
  });

  test('to dialling counts as one dial more', () => {
    const entry = bench().ledger.open(facts, createFakeHandle());
    entry.move({ kind: 'reconnecting' });
    expect(entry.info().dials).toBe(1);
    entry.move({ kind: 'connecting' });
    expect(entry.info().dials).toBe(2);
  });

  test('to waiting forgets the id that the server gave the lost socket', () => {
    const entry = bench().ledger.open(facts, createFakeHandle());
    entry.move({ kind: 'connected' });
    entry.identified(42);
    entry.move({ kind: 'ready' });
    expect(entry.info().clientId).toBe(42);
    entry.move({ kind: 'reconnecting' });
    expect(entry.info().clientId).toBeUndefined();
  });
});

describe('the move to closed', () => {
  test('takes the entry out of the ledger before it is told of', () => {
    const { ledger, onMove } = bench();
    const entry = ledger.open(facts, createFakeHandle());
    let left: number | undefined;
    onMove.mockImplementation(() => void (left = ledger.entries().length));
    entry.move({ kind: 'closed', reason: 'lost' });
    expect(left).toBe(0);
    expect(onMove).toHaveBeenLastCalledWith(
      expect.objectContaining({ state: 'closed' }),
      'connecting',
      'lost',
    );
  });

  test('has the first reason that was said', () => {
    const { ledger, onMove } = bench();
    const entry = ledger.open(facts, createFakeHandle());
    entry.closing('shutdown');
    entry.closing('application');
    entry.move({ kind: 'closed', reason: 'gave-up' });
    expect(entry.state).toEqual({ kind: 'closed', reason: 'shutdown' });
    expect(onMove).toHaveBeenLastCalledWith(expect.anything(), 'connecting', 'shutdown');
  });

  test('does not change the reason of a move to another state', () => {
    const { ledger, onMove } = bench();
    const entry = ledger.open(facts, createFakeHandle());
    entry.closing('shutdown');
    entry.move({ kind: 'reconnecting' });
    expect(onMove).toHaveBeenLastCalledWith(expect.anything(), 'connecting', undefined);
  });

  test('is final', () => {
    const entry = bench().ledger.open(facts, createFakeHandle());
    entry.move({ kind: 'closed', reason: 'lost' });
    thrown('HYG_ILLEGAL_MOVE', () => entry.move({ kind: 'closed', reason: 'lost' }));
    thrown('HYG_ILLEGAL_MOVE', () => entry.move({ kind: 'connecting' }));
  });
});

describe('whoever waits for the end of a connection', () => {
  test('hears of the work that was left undone then', async () => {
    const handle = createFakeHandle();
    const entry = bench().ledger.open(facts, handle);
    const waiting = Promise.all([entry.whenClosed(), entry.whenClosed()]);
    const undone = { pending: 3, unsent: 1, blocked: false };
    handle.current.work = undone;
    entry.move({ kind: 'closed', reason: 'lost' });
    handle.current.work = { pending: 0, unsent: 0, blocked: false };
    expect(await waiting).toEqual([undone, undone]);
  });

  test('does not hear of another move', async () => {
    const { ledger, clock } = bench();
    const entry = ledger.open(facts, createFakeHandle());
    const heard = vi.fn();
    void entry.whenClosed().then(heard);
    entry.move({ kind: 'reconnecting' });
    await clock.advance(0);
    expect(heard).not.toHaveBeenCalled();
  });

  test('after the end hears at once', async () => {
    const entry = bench().ledger.open(facts, createFakeHandle({ pending: 2 }));
    entry.move({ kind: 'closed', reason: 'lost' });
    expect(await entry.whenClosed()).toMatchObject({ pending: 2 });
  });
});

describe('the ledger', () => {
  test('lists its entries in the order they were opened, also after one has left', () => {
    const { ledger } = bench();
    const [one, two, three] = [1, 2, 3].map(() => ledger.open(facts, createFakeHandle()));
    two?.move({ kind: 'closed', reason: 'lost' });
    expect(ledger.entries()).toEqual([one, three]);
    expect(ledger.snapshot().map(({ id }) => id)).toEqual([one?.id, three?.id]);
  });

  test('gives lists that the caller may keep and change', () => {
    const { ledger } = bench();
    ledger.open(facts, createFakeHandle());
    (ledger.entries() as unknown[]).pop();
    const snapshot = ledger.snapshot();
    ledger.entries()[0]?.move({ kind: 'reconnecting' });
    expect(ledger.entries()).toHaveLength(1);
    expect(snapshot[0]?.state).toBe('connecting');
  });

  test('asks the live socket when someone looks', () => {
    const { ledger } = bench();
    const handle = createFakeHandle();
    ledger.open(facts, handle);
    handle.current.socket = { localPort: 50_000, bytesRead: 7, bytesWritten: 9 };
    expect(ledger.snapshot()).toMatchObject([{ localPort: 50_000, bytesRead: 7, bytesWritten: 9 }]);
  });
});
