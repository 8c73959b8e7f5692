import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ShutdownReportLine, summarize } from '../../../src/shutdown/shutdown-plan.js';

function createLine(given: Partial<ShutdownReportLine>): ShutdownReportLine {
  return {
    id: 1,
    name: 'orders@web-1',
    role: 'command',
    target: 'redis://h:6379',
    outcome: 'closed',
    why: 'The connection is idle.',
    abandonedCommands: 0,
    ...given,
  };
}

test('a report contains the number of connections by outcome, and of all abandoned commands', () => {
  const lines = [
    createLine({ id: 1 }),
    createLine({ id: 2, outcome: 'forced', abandonedCommands: 3 }),
    createLine({ id: 3, outcome: 'forced', abandonedCommands: 0 }),
    createLine({ id: 4, outcome: 'forced', abandonedCommands: 4 }),
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

test('a report without connections contains only zeros', () => {
  expect(summarize([], { timeoutMs: 100, durationMs: 0 })).toMatchObject({
    closed: 0,
    forced: 0,
    abandonedCommands: 0,
  });
});

test('a report contains whole milliseconds', () => {
  expect(summarize([], { timeoutMs: 100, durationMs: 12.6 }).durationMs).toBe(13);
});

test('every connection is either closed or forced', () => {
  const outcomes = fc.array(fc.constantFrom<ShutdownReportLine['outcome'][]>('closed', 'forced'));
  fc.assert(
    fc.property(outcomes, (all) => {
      const { closed, forced } = summarize(
        all.map((outcome) => createLine({ outcome })),
        { timeoutMs: 1, durationMs: 1 },
      );
      expect(closed + forced).toBe(all.length);
      expect(forced).toBe(all.filter((outcome) => outcome === 'forced').length);
    }),
  );
});
