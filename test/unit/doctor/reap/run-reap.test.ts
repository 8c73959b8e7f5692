import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { planReap } from '../../../../src/doctor/reap/reap-plan.js';
import { type KillResult, type ReapPort, runReap } from '../../../../src/doctor/reap/run-reap.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

/** A server with a list of connections that can change between two commands. */
function fakeServer(rows: readonly ClientRow[]) {
  const open = new Map(rows.map((row) => [row.id, row]));
  const log: string[] = [];
  let refusal: Error | undefined;
  const port: ReapPort = {
    list(ids) {
      log.push(`list ${ids?.length ?? 'all'}`);
      const asked = ids ?? [...open.keys()];
      const seen = asked.flatMap((id) => open.get(id) ?? []);
      return Promise.resolve(seen.map((row) => ({ row, isCandidate: true })));
    },
    kill(command) {
      const id = Number(command[3]);
      log.push(`kill ${id}`);
      if (refusal) return Promise.reject(refusal);
      return Promise.resolve(open.delete(id) ? 1 : 0);
    },
  };
  return { port, open, log, refuse: (error: Error) => void (refusal = error) };
}

const createRows = (count: number) =>
  Array.from({ length: count }, (_, at) => clientRow({ id: at + 1, addr: `10.0.0.5:${at + 1}` }));

function planOf(rows: readonly ClientRow[]) {
  const seen = rows.map((row) => ({ row, isCandidate: true }));
  return planReap(seen, { max: 1000, isSelf: () => false, why: () => 'test' });
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
      async list(ids) {
        const seen = await port.list(ids);
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
    await run(planOf(rows.slice(0, 1)), { ...port, list: () => port.list() });
    expect([...open.keys()]).toEqual([2]);
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
    const { untouched, failure } = await run(planOf(rows), { ...port, list: () => Promise.reject(error) });
    expect(failure).toEqual({ error });
    expect(untouched).toHaveLength(2);
    expect(open.size).toBe(2);
  });
});
