/** A whole number that the command line may set. */
export interface NumberOption {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

/** Where a command writes: its result, and what a person who waits wants to know meanwhile. */
export interface Output {
  result(text: string): void;
  note(text: string): void;
}

/** What a command hands back: the same facts as data and as text. */
export interface Outcome {
  readonly data: unknown;
  readonly text: string;
  /** Whether every requirement was met; decides the exit code. */
  readonly passed: boolean;
}

/** A benchmark: what it is called with, and what it does. Help and checks are made from `options`. */
export interface Command {
  readonly summary: string;
  readonly options: Readonly<Record<string, NumberOption>>;
  run(numbers: Readonly<Record<string, number>>, output: Output): Promise<Outcome>;
}

/** A command whose `run` knows the names of its options. */
export function defineCommand<Name extends string>(command: {
  readonly summary: string;
  readonly options: Readonly<Record<Name, NumberOption>>;
  readonly run: (numbers: Readonly<Record<Name, number>>, output: Output) => Promise<Outcome>;
}): Command {
  return command;
}

/** The command line makes no sense: exit code 2. */
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
