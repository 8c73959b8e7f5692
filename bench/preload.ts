import { defineCommand, type Outcome, type Output } from './command.js';
import { withSetup, formatVersions, type BenchmarkSetup } from './setup.js';
import { measureStartUps, PROGRAMS, type ProgramKind, type StartUp, type StartUps } from './start-up.js';
import { median, medianInterval, type Interval } from './statistics.js';
import { ratio, renderTable, type Column } from './table.js';

/** Requirement: the preload adds less than this to the start of a service, in milliseconds. */
const MAX_ADDED_MS = 60;

const MILESTONES = {
  'first reply': 'firstReplyMs',
  'first reply, CPU time': 'processorMs',
  exit: 'exitMs',
} as const;
type Milestone = keyof typeof MILESTONES;

interface Plan {
  readonly rounds: number;
}

/** Median times from the start of a program to a milestone, in milliseconds. */
interface Line {
  readonly program: ProgramKind;
  readonly milestone: Milestone;
  readonly rawMs: number;
  readonly oursMs: number;
  /** Median over all pairs of ours - raw. */
  readonly addedMs: number;
  readonly addedConfidence95: Interval;
  /** Median over all pairs of ours / raw. */
  readonly ratio: number;
}

function summarize(program: ProgramKind, milestone: Milestone, { raw, ours }: StartUps): Line {
  const ms = (startUp: StartUp | undefined) => startUp?.[MILESTONES[milestone]] ?? Number.NaN;
  const added = raw.map((startUp, index) => ms(ours[index]) - ms(startUp));
  return {
    program,
    milestone,
    rawMs: median(raw.map(ms)),
    oursMs: median(ours.map(ms)),
    addedMs: median(added),
    addedConfidence95: medianInterval(added),
    ratio: median(raw.map((startUp, index) => ms(ours[index]) / ms(startUp))),
  };
}

const tenths = (value: number) => value.toFixed(1);

const COLUMNS: readonly Column<Line>[] = [
  { head: 'program', align: 'left', cell: (line) => line.program },
  { head: 'until', align: 'left', cell: (line) => line.milestone },
  { head: 'raw ms', align: 'right', cell: (line) => tenths(line.rawMs) },
  { head: 'with preload', align: 'right', cell: (line) => tenths(line.oursMs) },
  { head: 'added ms', align: 'right', cell: (line) => tenths(line.addedMs) },
  {
    head: '95 % sure',
    align: 'left',
    cell: ({ addedConfidence95: { from, to } }) => `${tenths(from)} – ${tenths(to)}`,
  },
  { head: 'ratio', align: 'right', cell: (line) => ratio(line.ratio) },
];

function report(lines: readonly Line[], { versions }: BenchmarkSetup, plan: Plan): Outcome {
  const passed = lines.every((line) => line.addedMs < MAX_ADDED_MS);
  const verdict = passed
    ? `PASS: all medians with the preload are less than ${MAX_ADDED_MS} ms longer.`
    : `FAIL: a median with the preload is at least ${MAX_ADDED_MS} ms longer.`;
  return {
    data: { versions, ...plan, maxAddedMs: MAX_ADDED_MS, passed, results: lines },
    text: `${renderTable(COLUMNS, lines)}\n\n${verdict}`,
    passed,
  };
}

async function compare(setup: BenchmarkSetup, plan: Plan, output: Output): Promise<Outcome> {
  output.note(
    `${formatVersions(setup)}. ${plan.rounds} starts of each program, without and with the preload.\n`,
  );
  const options = {
    preload: new URL('./register.js', setup.entry).href,
    server: setup.server.url,
  };
  const lines: Line[] = [];
  for (const program of Object.keys(PROGRAMS) as ProgramKind[]) {
    const startUps = await measureStartUps(program, options, plan.rounds);
    lines.push(
      ...(Object.keys(MILESTONES) as Milestone[]).map((milestone) => summarize(program, milestone, startUps)),
    );
  }
  return report(lines, setup, plan);
}

/** Measures the time that the preload adds to a service, until its first reply and until its process has ended. */
export const preload = defineCommand({
  summary: `start of a service with the preload / without it; fails if it is ${MAX_ADDED_MS} ms longer`,
  options: {
    rounds: { default: 20, min: 1, max: 1_000, meaning: 'starts of each program on each side' },
  },
  run: (plan, output) => withSetup((setup) => compare(setup, plan, output)),
});
