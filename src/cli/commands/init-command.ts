import { type Command, Option } from 'commander';
import { HygieneError } from '../../core/errors.js';
import { formatCount } from '../../doctor/text/quantities.js';
import { applyPlan, renderDiff } from '../../init/apply-plan.js';
import { makePlan } from '../../init/plan/make-plan.js';
import type { Plan, PlanNote } from '../../init/plan/plan.js';
import { frameworks } from '../../init/project/manifest.js';
import { readProject } from '../../init/project/project.js';
import type { CommandHost } from '../command-io.js';
import { type Console, createConsole } from '../console.js';
import { choose, type GivenChoices, openQuestions, type Questions } from '../init-choices.js';

interface InitOptions extends GivenChoices {
  readonly entry?: string;
  readonly yes?: true;
  readonly dryRun?: true;
}

/** `redis-hygiene init`. */
export function addInit(program: Command, host: CommandHost): void {
  program
    .command('init')
    .description('Add redis-hygiene to a service: bootstrap module, its import, ESLint entry, scripts')
    .argument('[folder]', 'folder with the package.json of the service', '.')
    .optionsGroup('Detected, unless given:')
    .addOption(new Option('--framework <name>', 'framework of the service').choices(Object.keys(frameworks)))
    .addOption(
      new Option('--module <kind>', 'module kind of the bootstrap module').choices(['esm', 'commonjs']),
    )
    .addOption(new Option('--language <name>', 'language of the bootstrap module').choices(['ts', 'js']))
    .option('--service <name>', 'name of the service, as CLIENT LIST shows it')
    .option('--entry <file>', 'file that the service starts with, relative to its folder')
    .optionsGroup('Actions:')
    .option('--dry-run', 'print a diff and write nothing')
    .option('--yes', 'do not ask: use what is detected, or the default')
    .action((folder: string, options: InitOptions) => init(folder, options, host));
}

async function init(folder: string, options: InitOptions, { io, exit, finish }: CommandHost): Promise<void> {
  const console = createConsole(io);
  using questions = options.yes ? undefined : openQuestions(io);
  const project = readProject(folder, options.entry);
  const choices = await choose(project, options, questions, console);
  const plan = makePlan(project, choices);
  if (options.dryRun) console.print(renderDiff(plan.changes));
  else if (await isConfirmed(plan, questions, console)) {
    await finish(() => Promise.resolve(applyPlan(plan)));
    console.print(summaryOf(plan, console));
  } else throw new HygieneError('HYG_CLI_INTERRUPTED', 'Nothing was written.');
  printNotes(plan, console);
  if (plan.notes.some(isToDo)) exit(1);
}

/** Shows the plan at a terminal and asks whether to apply it. Elsewhere it is applied without a question. */
async function isConfirmed(
  { changes }: Plan,
  questions: Questions | undefined,
  console: Console,
): Promise<boolean> {
  if (!questions || changes.length === 0) return true;
  console.print(renderDiff(changes));
  const files = changes.length === 1 ? 'this file' : `these ${formatCount(changes.length, 'file')}`;
  const answer = await questions.ask(`Write ${files}? [Y/n] `, 'y');
  return /^y(?:es)?$/i.test(answer);
}

function summaryOf({ changes }: Plan, { style }: Console): readonly string[] {
  if (changes.length === 0) return ['Nothing to change: everything is in place.'];
  const width = Math.max(...changes.map(({ path }) => path.length));
  return changes.map(({ path, before, what }) => {
    const verb = before === undefined ? style.good('created') : style.strong('changed');
    return `${verb}  ${path.padEnd(width)}  ${what}`;
  });
}

function printNotes({ notes }: Plan, console: Console): void {
  for (const { kind, text, lines = [] } of notes) {
    if (kind === 'todo') console.warn(`to do by hand: ${text}`);
    else console.note(text);
    lines.forEach((line) => console.note(`    ${line}`));
  }
}

const isToDo = ({ kind }: PlanNote) => kind === 'todo';
