import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import type { Unanswered } from '../../../../src/doctor/kernel/kernel-look.js';
import type { ProofKind, Verdict } from '../../../../src/doctor/reap/death-proof.js';
import { planReap } from '../../../../src/doctor/reap/reap-plan.js';
import { type KillResult, type ReapPort, runReap } from '../../../../src/doctor/reap/run-reap.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const close = (proof: ProofKind, given: { readonly unanswered?: Unanswered } = {}): Verdict => ({
  ...{ kind: 'close', proof, why: 'test' },
  ...given,
});
const CLOSE = close('filter');

/** Time of the second look. */
const LATER_MS = 20_000;

/** A server with a list of connections that can change between two commands. */
function fakeServer(rows: readonly ClientRow[]) {
  const open = new Map(rows.map((row) => [row.id, row]));
  const log: string[] = [];
  /** Verdicts of the second look by id. */
  const verdicts = new Map<number, Verdict>();
  let refusal: Error | undefined;
  const port: ReapPort = {
    look() {
      log.push('look');
      const connections = [...open.values()].map((row) => ({ row, verdict: verdicts.get(row.id) ?? CLOSE }));
      return Promise.resolve({ at: LATER_MS, ids: new Set(open.keys()), connections });
    },
    list: () => Promise.resolve([...open.values()]),
    reread(ids) {
      log.push(`list ${ids.length}`);
      const seen = ids.flatMap((id) => open.get(id) ?? []);
      return Promise.resolve(seen.map((row) => ({ row, matches: true })));
    },
    kill(command) {
      const id = Number(command[3]);
      log.push(`kill ${id}`);
      if (refusal) return Promise.reject(refusal);
      return Promise.resolve(open.delete(id) ? 1 : 0);
    },
  };
  return { port, open, log, verdicts, refuse: (error: Error) => void (refusal = error) };
}

const createRows = (count: number) =>
  Array.from({ length: count }, (_, at) => clientRow({ id: at + 1, addr: `10.0.0.5:${at + 1}` }));

function planOf(rows: readonly ClientRow[], verdict = CLOSE) {
  const connections = rows.map((row) => ({ row, verdict }));
  return planReap({ at: 0, connections }, { max: 1000, isSelf: () => false });
}

async function run(plan: ReturnType<typeof planOf>, port: ReapPort, signal = new AbortController().signal) {
  const reported: KillResult[] = [];
  const report = await runReap(plan, port, { signal, onResult: (result) => void reported.push(result) });
  expect(reported).toEqual(report.results);
  return report;
}

describe('a run', () => {
  test('reads each connection again right before it is closed', async () => {
    const rows = createRows(45);
    const { port, open, log } = fakeServer(rows);
    const { results, untouched, failure } = await run(planOf(rows), port);
    expect(open.size).toBe(0);
    expect(results.map(({ outcome }) => outcome)).toEqual(rows.map(() => 'closed'));
    expect(untouched).toEqual([]);
    expect(failure).toBeUndefined();
    const batch = (from: number, count: number) => [
      `list ${count}`,
      ...Array.from({ length: count }, (_, at) => `kill ${from + at}`),
    ];
    expect(log).toEqual([...batch(1, 20), ...batch(21, 20), ...batch(41, 5)]);
  });

  test('sends nothing for an empty plan', async () => {
    const { port, log } = fakeServer([]);
    await run(planOf([]), port);
    expect(log).toEqual([]);
  });

  test('skips connections that have changed, and reports how', async () => {
    const rows = createRows(3);
    const { port, open, log } = fakeServer(rows);
    open.set(1, clientRow({ ...rows[0], age: 3700, idle: 1 }));
    open.set(2, clientRow({ ...rows[1], addr: '10.9.9.9:1' }));
    const { results } = await run(planOf(rows), port);
    expect(results).toMatchObject([
      { outcome: 'skipped', change: 'active', kill: { row: { id: 1 } } },
      { outcome: 'skipped', change: 'address', kill: { row: { id: 2 } } },
      { outcome: 'closed', kill: { row: { id: 3 } } },
    ]);
    expect(log).toEqual(['list 3', 'kill 3']);
  });

  test('reports a connection that closed by itself in the last moment as gone', async () => {
    const rows = createRows(1);
    const { port, open } = fakeServer(rows);
    const vanishing: ReapPort = {
      ...port,
      async reread(ids) {
        const seen = await port.reread(ids);
        open.clear();
        return seen;
      },
    };
    expect((await run(planOf(rows), vanishing)).results).toMatchObject([
      { outcome: 'skipped', change: 'gone' },
    ]);
  });

  test('ignores rows that are not in the plan', async () => {
    const rows = createRows(2);
    const { port, open } = fakeServer(rows);
    await run(planOf(rows.slice(0, 1)), { ...port, reread: () => port.reread([1, 2]) });
    expect([...open.keys()]).toEqual([2]);
  });
});

describe('the second look', () => {
  /** Runs a plan with this proof, after the row has changed and the second look has come to another verdict. */
  async function second(first: Verdict, now: Verdict, later: Partial<ClientRow> = { age: 120, idle: 21 }) {
    const [row] = createRows(1) as [ClientRow];
    const { port, open, verdicts, log } = fakeServer([row]);
    open.set(1, { ...row, ...later });
    verdicts.set(1, now);
    const { results } = await run(planOf([row], first), port);
    const [result] = results;
    const kills = log.filter((entry) => entry.startsWith('kill')).length;
    expect(kills).toBe(result?.outcome === 'closed' ? 1 : 0);
    return result?.outcome === 'skipped' ? result.change : result?.outcome;
  }

  test.each(['peer-kernel', 'record', 'assumption'] as const)('confirms %s', async (proof) => {
    expect(await second(close(proof), close(proof))).toBe('closed');
    expect(await second(close(proof), { kind: 'leave', why: '' })).toBe('unproven');
    expect(await second(close(proof), { kind: 'healthy' })).toBe('unproven');
  });

  test('confirms what the server sends in vain only if it has sent since', async () => {
    const unanswered = (times: number) => close('server-kernel', { unanswered: { times, nextMs: 0 } });
    expect(await second(unanswered(3), unanswered(5))).toBe('closed');
    expect(await second(unanswered(3), unanswered(3))).toBe('unproven');
    expect(await second(unanswered(3), unanswered(2))).toBe('unproven');
    expect(await second(unanswered(3), close('peer-kernel'))).toBe('closed');
  });

  test('does not take an assumption for a proof that was lost', async () => {
    expect(
      await second(close('server-kernel', { unanswered: { times: 3, nextMs: 0 } }), close('assumption')),
    ).toBe('unproven');
  });

  test.each([
    [{ age: 120, idle: 2 }, 'active'],
    [{ age: 90, idle: 2 }, 'younger'],
    [{ age: 420, idle: 321 }, 'clock'],
    [{ age: 100, idle: 1 }, 'clock'],
  ])('leaves a connection whose row is %j later', async (later, change) => {
    expect(await second(close('assumption'), close('assumption'), later)).toBe(change);
  });

  test('does not ask the clock of the server where a kernel has the proof', async () => {
    expect(await second(close('peer-kernel'), close('peer-kernel'), { age: 420, idle: 321 })).toBe('closed');
  });

  test('is one for all connections of a server, and none for a filter', async () => {
    const rows = createRows(45);
    const { port, log, verdicts } = fakeServer(rows.map((row) => ({ ...row, age: 120, idle: 21 })));
    rows.forEach(({ id }) => verdicts.set(id, close('record')));
    await run(planOf(rows, close('record')), port);
    expect(log.filter((entry) => entry === 'look')).toHaveLength(1);
    const filtered = fakeServer(rows);
    await run(planOf(rows), filtered.port);
    expect(filtered.log).not.toContain('look');
  });

  test('that fails closes nothing', async () => {
    const rows = createRows(2);
    const { port, open } = fakeServer(rows);
    const error = new Error('gone');
    const look = () => Promise.reject(error);
    const { untouched, failure } = await run(planOf(rows, close('record')), { ...port, look });
    expect(failure).toEqual({ error });
    expect([untouched.length, open.size]).toEqual([2, 2]);
  });
});

describe('a run ends early', () => {
  test('on abort, after the present batch', async () => {
    const rows = createRows(45);
    const { port, open } = fakeServer(rows);
    const stop = new AbortController();
    const kill: ReapPort['kill'] = (command) => {
      if (command[3] === '3') stop.abort();
      return port.kill(command);
    };
    const { results, untouched, failure } = await run(planOf(rows), { ...port, kill }, stop.signal);
    expect(results).toHaveLength(20);
    expect(untouched).toHaveLength(25);
    expect(open.size).toBe(25);
    expect(failure).toBeUndefined();
  });

  test('on a refusal, with the results so far', async () => {
    const rows = createRows(45);
    const { port, refuse, log } = fakeServer(rows);
    const refusal = new Error('NOPERM');
    refuse(refusal);
    const { results, untouched, failure } = await run(planOf(rows), port);
    expect(failure).toEqual({ error: refusal });
    expect(results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 20 }, () => 'failed'));
    expect(untouched).toHaveLength(25);
    expect(log).toHaveLength(21);
  });

  test('if the list cannot be read, without closing any connection', async () => {
    const rows = createRows(2);
    const { port, open } = fakeServer(rows);
    const error = new Error('gone');
    const { untouched, failure } = await run(planOf(rows), { ...port, reread: () => Promise.reject(error) });
    expect(failure).toEqual({ error });
    expect(untouched).toHaveLength(2);
    expect(open.size).toBe(2);
  });
});
