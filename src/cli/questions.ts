import { createInterface } from 'node:readline';
import { HygieneError } from '../core/errors.js';
import type { CommandIo } from './io.js';

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
