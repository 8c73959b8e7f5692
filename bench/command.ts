/** An option of the command line whose value is a whole number. */
export interface NumberOption {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

/** Outputs of a command: `result` is for its result, `note` for progress. */
export interface Output {
  result(text: string): void;
  note(text: string): void;
}

/** The result of a command, as data and as text. */
export interface Outcome {
  readonly data: unknown;
  readonly text: string;
  /** Whether every requirement was met. This decides the exit code. */
  readonly passed: boolean;
}

/** A benchmark. The help text and the checks of the command line are made from `options`. */
export interface Command {
  readonly summary: string;
  readonly options: Readonly<Record<string, NumberOption>>;
  run(numbers: Readonly<Record<string, number>>, output: Output): Promise<Outcome>;
}

/** Defines a command whose `run` receives its options by name, type-checked. */
export function defineCommand<Name extends string>(command: {
  readonly summary: string;
  readonly options: Readonly<Record<Name, NumberOption>>;
  readonly run: (numbers: Readonly<Record<Name, number>>, output: Output) => Promise<Outcome>;
}): Command {
  return command;
}

/** An invalid command line. The exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function readNumber(name: string, text: string | undefined, option: NumberOption): number {
  if (text === undefined) return option.default;
  const { min, max } = option;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`--${name} is "${text}", expected a whole number from ${min} to ${max}.`);
}
