import { type Command, Option } from 'commander';
import { HygieneError } from '../../core/errors.js';
import { applyPlan, renderDiff } from '../../init/apply-plan.js';
import { makePlan } from '../../init/plan/make-plan.js';
import type { Plan, PlanNote } from '../../init/plan/plan.js';
import { frameworks } from '../../init/project/manifest.js';
import { readProject } from '../../init/project/project.js';
import type { CommandHost } from '../command-io.js';
import { type Console, createConsole } from '../console.js';
import { choose, type Given, openQuestions, type Questions } from '../init-choices.js';

interface InitOptions extends Given {
  readonly entry?: string;
  readonly yes?: true;
  readonly dryRun?: true;
}

function tell({ told }: Plan, console: Console): void {
  for (const { kind, text, lines = [] } of told) {
    if (kind === 'todo') console.warn(`to do by hand: ${text}`);
    else console.note(text);
    lines.forEach((line) => console.note(`    ${line}`));
  }
}

function summary({ changes }: Plan, { ink }: Console): readonly string[] {
  if (changes.length === 0) return ['Nothing to change: all of it is there.'];
  const width = Math.max(...changes.map(({ path }) => path.length));
  return changes.map(({ path, before, what }) => {
    const verb = before === undefined ? ink.good('made   ') : ink.strong('changed');
    return `${verb}  ${path.padEnd(width)}  ${what}`;
  });
}

/** Whether the plan is wanted: who sits at a terminal sees it first. */
async function isWanted(
  { changes }: Plan,
  questions: Questions | undefined,
  console: Console,
): Promise<boolean> {
  if (!questions || changes.length === 0) return true;
  console.print(renderDiff(changes));
  const files = changes.length === 1 ? 'this file' : `these ${changes.length} files`;
  const answer = await questions.ask(`Write ${files}? [Y/n] `, 'y');
  return /^y(?:es)?$/i.test(answer);
}

const isLeft = ({ kind }: PlanNote) => kind === 'todo';

async function init(folder: string, options: InitOptions, { io, exit, finish }: CommandHost): Promise<void> {
  const console = createConsole(io);
  using questions = options.yes ? undefined : openQuestions(io);
  const project = readProject(folder, options.entry);
  const choices = await choose(project, options, questions, console);
  const plan = makePlan(project, choices);
  if (options.dryRun) console.print(renderDiff(plan.changes));
  else if (await isWanted(plan, questions, console)) {
    await finish(() => Promise.resolve(applyPlan(plan)));
    console.print(summary(plan, console));
  } else throw new HygieneError('HYG_CLI_INTERRUPTED', 'Nothing was written.');
  tell(plan, console);
  if (plan.told.some(isLeft)) exit(1);
}

/** `redis-hygiene init`. */
export function addInit(program: Command, host: CommandHost): void {
  program
    .command('init')
    .description('Write the bootstrap module, its import, the ESLint entry and the scripts into a service')
    .argument('[folder]', 'the folder of its package.json', '.')
    .optionsGroup('What is detected, unless you say it:')
    .addOption(
      new Option('--framework <name>', 'what the service is built on').choices(Object.keys(frameworks)),
    )
    .addOption(new Option('--module <kind>', 'of the bootstrap module').choices(['esm', 'commonjs']))
    .addOption(new Option('--language <name>', 'of the bootstrap module').choices(['ts', 'js']))
    .option('--service <name>', 'name of the service, as CLIENT LIST will show it')
    .option('--entry <file>', 'the file that the service starts with, from its folder')
    .optionsGroup('What is done:')
    .option('--dry-run', 'print a diff, and write nothing')
    .option('--yes', 'ask nothing: what is detected, else the default')
    .action((folder: string, options: InitOptions) => init(folder, options, host));
}
