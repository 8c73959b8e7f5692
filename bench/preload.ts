import { defineCommand, type Outcome, type Output } from './command.js';
import { onStage, programs, type Stage } from './stage.js';
import { measureStartUps, PROGRAMS, type ProgramKind, type StartUp, type StartUps } from './start-up.js';
import { median, medianInterval, type Interval } from './statistics.js';
import { ratio, renderTable, type Column } from './table.js';

/** The requirement: a start with the preload takes less than this much longer, in milliseconds. */
const MOST_MORE_MS = 60;

const MOMENTS = {
  'first reply': 'firstReplyMs',
  'the same, processor time': 'processorMs',
  exit: 'exitMs',
} as const;
type Moment = keyof typeof MOMENTS;

interface Plan {
  readonly rounds: number;
}

/** A moment of a program's start, in milliseconds: medians. */
interface Line {
  readonly program: ProgramKind;
  readonly moment: Moment;
  readonly rawMs: number;
  readonly oursMs: number;
  /** Median over all pairs of ours - raw. */
  readonly moreMs: number;
  readonly moreConfidence95: Interval;
  /** Median over all pairs of ours / raw. */
  readonly ratio: number;
}

function summarize(program: ProgramKind, moment: Moment, { raw, ours }: StartUps): Line {
  const ms = (startUp: StartUp | undefined) => startUp?.[MOMENTS[moment]] ?? Number.NaN;
  const more = raw.map((one, index) => ms(ours[index]) - ms(one));
  return {
    program,
    moment,
    rawMs: median(raw.map(ms)),
    oursMs: median(ours.map(ms)),
    moreMs: median(more),
    moreConfidence95: medianInterval(more),
    ratio: median(raw.map((one, index) => ms(ours[index]) / ms(one))),
  };
}

const tenths = (value: number) => value.toFixed(1);

const COLUMNS: readonly Column<Line>[] = [
  { head: 'program', align: 'left', cell: (line) => line.program },
  { head: 'until', align: 'left', cell: (line) => line.moment },
  { head: 'raw ms', align: 'right', cell: (line) => tenths(line.rawMs) },
  { head: 'with preload', align: 'right', cell: (line) => tenths(line.oursMs) },
  { head: 'more ms', align: 'right', cell: (line) => tenths(line.moreMs) },
  {
    head: '95 % sure',
    align: 'left',
    cell: ({ moreConfidence95: { from, to } }) => `${tenths(from)} – ${tenths(to)}`,
  },
  { head: 'ratio', align: 'right', cell: (line) => ratio(line.ratio) },
];

function report(lines: readonly Line[], { versions }: Stage, plan: Plan): Outcome {
  const passed = lines.every((line) => line.moreMs < MOST_MORE_MS);
  const verdict = passed
    ? `PASS: all medians are less than ${MOST_MORE_MS} ms more.`
    : `FAIL: a median is ${MOST_MORE_MS} ms more, or above.`;
  return {
    data: { versions, ...plan, mostMoreMs: MOST_MORE_MS, passed, results: lines },
    text: `${renderTable(COLUMNS, lines)}\n\n${verdict}`,
    passed,
  };
}

async function compare(stage: Stage, plan: Plan, output: Output): Promise<Outcome> {
  output.note(`${programs(stage)}. ${plan.rounds} starts of each program, without and with the preload.\n`);
  const setting = {
    preload: new URL('./register/index.js', stage.entry).href,
    server: stage.server.url,
  };
  const lines: Line[] = [];
  for (const program of Object.keys(PROGRAMS) as ProgramKind[]) {
    const startUps = await measureStartUps(program, setting, plan.rounds);
    lines.push(...(Object.keys(MOMENTS) as Moment[]).map((moment) => summarize(program, moment, startUps)));
  }
  return report(lines, stage, plan);
}

/** What the preload adds to the start of a service: until its first reply, and until its process has ended. */
export const preload = defineCommand({
  summary: `start of a service with the preload / without it; fails at ${MOST_MORE_MS} ms more`,
  options: {
    rounds: { default: 20, min: 1, max: 1_000, meaning: 'starts of each program on each side' },
  },
  run: (plan, output) => onStage((stage) => compare(stage, plan, output)),
});
