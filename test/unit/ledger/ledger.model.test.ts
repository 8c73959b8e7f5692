import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HygieneError } from '../../../src/core/errors.js';
import { createBudget } from '../../../src/ledger/budget.js';
import { createCallSiteMonitor, createConnectionCounts } from '../../../src/ledger/connection-counts.js';
import {
  closeReasons,
  type BudgetClass,
  type CloseReason,
  type StateKind,
} from '../../../src/ledger/connection.js';
import { createLedger, type LedgerEntry } from '../../../src/ledger/ledger.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';
import { checkModel, MODEL_TIMEOUT_MS } from '../../support/unit/model-check.js';
import { quiet } from '../../support/unit/ledger/fake-handle.js';

const LIMIT = 4;
const PER_CALL_SITE = 2;
const IDLE = { pending: 0, unsent: 0, isBlocked: false };

/** The moves of docs/architecture.md, written once more. */
const MOVES: Readonly<Record<StateKind, string>> = {
  connecting: 'connected reconnecting closed',
  connected: 'ready reconnecting closed',
  ready: 'reconnecting closed',
  reconnecting: 'connecting closed',
  closed: '',
};
const STATES = Object.keys(MOVES) as StateKind[];

const anyReason = fc.constantFrom(...(Object.keys(closeReasons) as CloseReason[]));
const which = fc.nat(12);
const anyStep = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      budgetClass: fc.constantFrom<BudgetClass>('counted', 'counted', 'clusterNode', 'exempt', 'reserved'),
      line: fc.constantFrom('a', 'b'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ kind: fc.constant('move' as const), which, reason: anyReason },
      to: fc.constantFrom(...STATES.filter((state) => state !== 'closed'), 'connecting' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ kind: fc.constant('move' as const), which, reason: anyReason, to: fc.constant('closed' as const) },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('markClosing' as const), which, reason: anyReason }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('identify' as const), which }) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/** What is expected of an entry. */
interface Expected {
  readonly entry: LedgerEntry;
  readonly budgetClass: BudgetClass;
  state: StateKind;
  dials: number;
  clientId: number | undefined;
  closing: CloseReason | undefined;
  wasConnected: boolean;
  closedCalls: number;
}

class LedgerModel {
  readonly #clock = createFakeClock();
  readonly #counts = createConnectionCounts();
  readonly #moves: string[] = [];
  readonly #all: Expected[] = [];
  readonly #ledger = createLedger({
    clock: this.#clock,
    onMove: ({ id, state }, from, reason) =>
      void this.#moves.push([id, from ?? 'new', state, ...(reason ? [reason] : [])].join(' ')),
    budget: createBudget({ limit: LIMIT, callSiteFrames: 3, counts: this.#counts }),
    callSiteMonitor: createCallSiteMonitor(PER_CALL_SITE, () => undefined),
  });

  #open(): Expected[] {
    return this.#all.filter(({ state }) => state !== 'closed');
  }

  #used(): number {
    return this.#open().filter(({ budgetClass }) => budgetClass !== 'reserved').length;
  }

  #add(budgetClass: BudgetClass, line: string): void {
    const facts = { name: 'orders@web-1', role: 'command', target: 'redis://h:6379', callSite: [line] };
    const handle = {
      work: () => IDLE,
      progress: () => IDLE,
      isInUse: () => false,
      health: () => quiet,
      ping: () => undefined,
      socket: () => undefined,
      quit: () => undefined,
      destroy: () => undefined,
    };
    const fits = budgetClass === 'exempt' || budgetClass === 'reserved' || this.#used() < LIMIT;
    const open = () => this.#ledger.open(facts, handle, budgetClass);
    if (!fits) return expectError('HYG_LIMIT_CONNECTIONS', open);
    const entry = open();
    const expected: Expected = {
      ...{ entry, budgetClass, state: 'connecting' as const, dials: 1, clientId: undefined },
      ...{ closing: undefined, wasConnected: false, closedCalls: 0 },
    };
    this.#all.push(expected);
    expect(this.#moves.splice(0)).toEqual([`${entry.id} new connecting`]);
    void entry.whenClosed().then(() => (expected.closedCalls += 1));
  }

  #move(expected: Expected, to: StateKind, reason: CloseReason): void {
    const { entry, state } = expected;
    const move = () => entry.move(to === 'closed' ? { kind: 'closed', reason } : { kind: to });
    if (!MOVES[state].split(' ').includes(to)) return expectError('HYG_ILLEGAL_MOVE', move);
    move();
    expected.state = to;
    if (to === 'connecting') expected.dials += 1;
    if (to === 'connecting' || to === 'connected') expected.wasConnected = to === 'connected';
    if (to === 'reconnecting') expected.clientId = undefined;
    const told = [entry.id, state, to, ...(to === 'closed' ? [expected.closing ?? reason] : [])].join(' ');
    expect(this.#moves.splice(0)).toEqual([told]);
  }

  take(step: Step): void {
    if (step.kind === 'open') return this.#add(step.budgetClass, step.line);
    const expected = this.#all[step.which % Math.max(1, this.#all.length)];
    if (!expected) return;
    if (step.kind === 'move') return this.#move(expected, step.to, step.reason);
    if (step.kind === 'markClosing') {
      expected.entry.markClosing(step.reason);
      expected.closing ??= step.reason;
    } else {
      expected.entry.setClientId(7);
      expected.clientId = 7;
    }
  }

  check(): void {
    const open = this.#open();
    expect(this.#moves, 'moves that were told and did not happen').toEqual([]);
    expect(this.#ledger.entries()).toEqual(open.map(({ entry }) => entry));
    expect(this.#ledger.snapshot().map(({ state, dials, clientId }) => [state, dials, clientId])).toEqual(
      open.map(({ state, dials, clientId }) => [state, dials, clientId]),
    );
    expect(open.map(({ entry }) => entry.wasConnected)).toEqual(open.map(({ wasConnected }) => wasConnected));
    expect(this.#counts.used).toBe(this.#used());
  }

  /** Every entry that was closed was told so once, and the others when they are closed. */
  async close(): Promise<void> {
    for (const expected of this.#open()) this.#move(expected, 'closed', 'shutdown');
    await Promise.resolve();
    this.check();
    expect([this.#counts.used, this.#counts.byRole(), this.#counts.byCallSite()]).toEqual([0, {}, []]);
    expect(this.#all.filter(({ closedCalls }) => closedCalls !== 1)).toEqual([]);
  }
}

function expectError(code: string, run: () => unknown): void {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown instanceof HygieneError ? thrown.code : thrown).toBe(code);
}

test(
  'after any moves: only allowed ones happened, each entry ended once, and the counts are those of open entries',
  { timeout: MODEL_TIMEOUT_MS },
  async () => {
    const anySteps = fc.array(anyStep, { maxLength: 100, size: 'max' });
    await checkModel({ runs: 400, minSteps: 15_000 }, anySteps, async (steps, onStep) => {
      const model = new LedgerModel();
      for (const step of steps) {
        model.take(step);
        model.check();
        onStep();
      }
      await model.close();
    });
  },
);
