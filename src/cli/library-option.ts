import { InvalidArgumentError, Option } from 'commander';
import { type ClientLibrary, clientLibraryNames } from '../doctor/attribution/client-library.js';

/** Creates the option `--library`, which takes the name of a client library in any case of its letters. */
export function createLibraryOption(description: string): Option {
  return new Option('--library <name>', description)
    .choices(clientLibraryNames)
    .argParser((text: string): ClientLibrary => {
      const library = clientLibraryNames.find((name) => name === text.toLowerCase());
      if (library !== undefined) return library;
      throw new InvalidArgumentError(`Allowed choices are ${clientLibraryNames.join(', ')}.`);
    });
}
