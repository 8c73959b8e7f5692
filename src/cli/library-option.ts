import { Option } from 'commander';
import { clientLibraryNames } from '../doctor/attribution/client-library.js';
import { createChoiceParser } from './choice-parser.js';

/** Creates the option `--library`, which takes the name of a client library in any case of its letters. */
export function createLibraryOption(description: string): Option {
  return new Option('--library <name>', description)
    .choices(clientLibraryNames)
    .argParser(createChoiceParser(clientLibraryNames));
}
