import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ShutdownReportLine, summarize } from '../../../src/shutdown/shutdown-plan.js';

function line(given: Partial<ShutdownReportLine>): ShutdownReportLine {
  return {
    id: 1,
    name: 'orders@web-1',
    role: 'command',
    target: 'redis://h:6379',
    outcome: 'closed',
    why: 'It is idle.',
    abandonedCommands: 0,
    ...given,
  };
}

test('a report counts the connections by outcome, and the abandoned commands of all of them', () => {
  const lines = [
    line({ id: 1 }),
    line({ id: 2, outcome: 'forced', abandonedCommands: 3 }),
    line({ id: 3, outcome: 'forced', abandonedCommands: 0 }),
    line({ id: 4, outcome: 'forced', abandonedCommands: 4 }),
  ];
  expect(summarize(lines, { timeoutMs: 5_000, durationMs: 12 })).toEqual({
    timeoutMs: 5_000,
    durationMs: 12,
    closed: 1,
    forced: 3,
    abandonedCommands: 7,
    connections: lines,
  });
});

test('a report of nothing is all zeros', () => {
  expect(summarize([], { timeoutMs: 100, durationMs: 0 })).toMatchObject({
    closed: 0,
    forced: 0,
    abandonedCommands: 0,
  });
});

test('a report tells whole milliseconds', () => {
  expect(summarize([], { timeoutMs: 100, durationMs: 12.6 }).durationMs).toBe(13);
});

test('every connection is either closed or forced', () => {
  const outcomes = fc.array(fc.constantFrom<ShutdownReportLine['outcome'][]>('closed', 'forced'));
  fc.assert(
    fc.property(outcomes, (all) => {
      const { closed, forced } = summarize(
        all.map((outcome) => line({ outcome })),
        { timeoutMs: 1, durationMs: 1 },
      );
      expect(closed + forced).toBe(all.length);
      expect(forced).toBe(all.filter((outcome) => outcome === 'forced').length);
    }),
  );
});
