import { createInterface } from 'node:readline';
import { HygieneError } from '../core/errors.js';
import type { Choices } from '../init/plan/plan.js';
import { findFrameworks, type Framework, serviceOf } from '../init/project/manifest.js';
import { languageOf, moduleOf } from '../init/project/module-system.js';
import type { Project } from '../init/project/project.js';
import type { CommandIo } from './command-io.js';
import type { Console } from './console.js';

/** What a command line decides. */
export type Given = Partial<Choices>;

interface Asking {
  readonly questions: Questions | undefined;
  readonly console: Console;
}

/** Asks where somebody is there to answer; takes the fallback, and says so, where nobody is. */
async function decide(
  what: string,
  fallback: string,
  option: string,
  { questions, console }: Asking,
): Promise<string> {
  if (questions) return questions.ask(`${what}? [${fallback}] `, fallback);
  console.note(`${what}: ${fallback}; ${option} says otherwise.`);
  return fallback;
}

async function chooseFramework({ manifest, entry }: Project, asking: Asking): Promise<Framework> {
  const found = findFrameworks(manifest, entry?.text);
  const [first = 'plain'] = found;
  if (found.length < 2) return first;
  const answer = await decide(`Which framework (${found.join(', ')})`, first, '--framework', asking);
  const chosen = found.find((name) => name === answer.toLowerCase());
  if (chosen) return chosen;
  throw new HygieneError('HYG_CLI_USAGE', `"${answer}" is none of ${found.join(', ')}.`);
}

async function chooseService(
  { manifest, folder }: Project,
  given: string | undefined,
  asking: Asking,
): Promise<string> {
  if (given !== undefined) {
    if (given.trim() !== '') return given.trim();
    throw new HygieneError('HYG_CLI_USAGE', '--service is blank, expected a name such as orders.');
  }
  const found = serviceOf(manifest, folder);
  return manifest.name === undefined ? decide('Name of the service', found, '--service', asking) : found;
}

/**
 * Decides what is to be written: by the command line, else by what is there, else by who sits at the terminal.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export async function choose(
  project: Project,
  given: Given,
  questions: Questions | undefined,
  console: Console,
): Promise<Choices> {
  const asking = { questions, console };
  const framework = given.framework ?? (await chooseFramework(project, asking));
  const service = await chooseService(project, given.service, asking);
  return {
    framework,
    service,
    module: given.module ?? moduleOf(project),
    language: given.language ?? languageOf(project),
  };
}

/** Somebody at a terminal. */
export interface Questions extends Disposable {
  /**
   * The answer, without blanks around it; the one at hand where it is empty.
   *
   * @throws HygieneError `HYG_CLI_INTERRUPTED` where nobody answers any more (Ctrl-D)
   */
  readonly ask: (question: string, fallback: string) => Promise<string>;
}

/** Asks beside the data. `undefined` where nobody would answer: there is no terminal. */
export function openQuestions({ stdin, stderr, signal }: CommandIo): Questions | undefined {
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  // The terminal itself edits the line, and turns Ctrl-C into a signal.
  const lines = createInterface({ input: stdin, terminal: false, signal });
  const answers = lines[Symbol.asyncIterator]();
  return {
    async ask(question, fallback) {
      stderr.write(question);
      const answer: IteratorResult<string, unknown> = await answers.next();
      signal.throwIfAborted();
      if (answer.done)
        throw new HygieneError('HYG_CLI_INTERRUPTED', 'The question was left without an answer.');
      return answer.value.trim() || fallback;
    },
    [Symbol.dispose]: () => lines.close(),
  };
}
