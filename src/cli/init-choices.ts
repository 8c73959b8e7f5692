import { createInterface } from 'node:readline';
import { HygieneError } from '../core/errors.js';
import type { Choices } from '../init/plan/plan.js';
import { findFrameworks, type Framework, serviceOf } from '../init/project/manifest.js';
import { languageOf, moduleKindOf } from '../init/project/module-system.js';
import type { Project } from '../init/project/project.js';
import type { CommandIo } from './command-io.js';
import type { Console } from './console.js';

/** The choices that a command line makes. */
export type GivenChoices = Partial<Choices>;

/**
 * Decides what `init` writes: by the command line, else by the project, else by asking at the terminal.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export async function choose(
  project: Project,
  given: GivenChoices,
  questions: Questions | undefined,
  console: Console,
): Promise<Choices> {
  const dialog = { questions, console };
  const framework = given.framework ?? (await chooseFramework(project, dialog));
  const service = await chooseService(project, given.service, dialog);
  return {
    framework,
    service,
    module: given.module ?? moduleKindOf(project),
    language: given.language ?? languageOf(project),
  };
}

interface Dialog {
  readonly questions: Questions | undefined;
  readonly console: Console;
}

async function chooseFramework({ manifest, entry }: Project, dialog: Dialog): Promise<Framework> {
  const found = findFrameworks(manifest, entry?.text);
  const [first = 'plain'] = found;
  if (found.length < 2) return first;
  const answer = await askOrDefault(`Which framework (${found.join(', ')})`, first, '--framework', dialog);
  const chosen = found.find((name) => name === answer.toLowerCase());
  if (chosen) return chosen;
  throw new HygieneError(
    'HYG_CLI_USAGE',
    `"${answer}" is not a framework of this project, expected one of ${found.join(', ')}.`,
  );
}

async function chooseService(
  { manifest, folder }: Project,
  given: string | undefined,
  dialog: Dialog,
): Promise<string> {
  if (given !== undefined) {
    if (given.trim() !== '') return given.trim();
    throw new HygieneError('HYG_CLI_USAGE', '--service is blank, expected a name such as orders.');
  }
  const found = serviceOf(manifest, folder);
  return manifest.name === undefined
    ? askOrDefault('Name of the service', found, '--service', dialog)
    : found;
}

/** Asks at a terminal. Elsewhere takes the fallback and prints which option overrides it. */
async function askOrDefault(
  what: string,
  fallback: string,
  option: string,
  { questions, console }: Dialog,
): Promise<string> {
  if (questions) return questions.ask(`${what}? [${fallback}] `, fallback);
  console.note(`${what}: ${fallback}; ${option} overrides this.`);
  return fallback;
}

/** Questions to the user of a terminal. */
export interface Questions extends Disposable {
  /**
   * Asks a question. Returns the trimmed answer, or the fallback if it is empty.
   *
   * @throws HygieneError `HYG_CLI_INTERRUPTED` when the input ends (Ctrl-D)
   */
  readonly ask: (question: string, fallback: string) => Promise<string>;
}

/** Opens questions on standard error. `undefined` if there is no terminal. */
export function openQuestions({ stdin, stderr, signal }: CommandIo): Questions | undefined {
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  // terminal: false leaves line editing, and turning Ctrl-C into a signal, to the terminal.
  const lines = createInterface({ input: stdin, terminal: false, signal });
  const answers = lines[Symbol.asyncIterator]();
  return {
    async ask(question, fallback) {
      stderr.write(question);
      const answer: IteratorResult<string, unknown> = await answers.next();
      signal.throwIfAborted();
      if (answer.done)
        throw new HygieneError('HYG_CLI_INTERRUPTED', 'The input ended before the question was answered.');
      return answer.value.trim() || fallback;
    },
    [Symbol.dispose]: () => lines.close(),
  };
}
