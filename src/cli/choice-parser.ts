import { InvalidArgumentError } from 'commander';

/** Creates the parser of an argument that is one of some names, in any case of its letters. */
export function createChoiceParser<Name extends string>(names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const chosen = names.find((name) => name === text.toLowerCase());
    if (chosen !== undefined) return chosen;
    throw new InvalidArgumentError(`Allowed choices are ${names.join(', ')}.`);
  };
}
