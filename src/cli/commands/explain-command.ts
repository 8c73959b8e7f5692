import { Argument, type Command } from 'commander';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HygieneError } from '../../core/errors.js';
import type { ClientLibrary } from '../../doctor/attribution/client-library.js';
import { type FindingCode, findingCodes } from '../../doctor/audit/finding-table.js';
import { renderExplanation, renderFindingList } from '../../doctor/render/explanation.js';
import { findingPagePath } from '../../doctor/render/findings-report.js';
import { createChoiceParser } from '../choice-parser.js';
import type { CommandHost } from '../command-io.js';
import { createConsole } from '../console.js';
import { createLibraryOption } from '../library-option.js';

const require = createRequire(import.meta.url);

interface ExplainOptions {
  readonly library?: ClientLibrary;
}

/** `redis-hygiene explain`. */
export function addExplain(program: Command, { io }: CommandHost): void {
  program
    .command('explain')
    .description('Print the page of a finding: how it is recognised, and what to do now and for good')
    .addArgument(
      new Argument('[code]', 'code of the finding (default: a list)')
        .choices(findingCodes)
        .argParser(createChoiceParser(findingCodes)),
    )
    .addOption(createLibraryOption('add the lines for this client library'))
    .action((code: FindingCode | undefined, { library }: ExplainOptions) => {
      const console = createConsole(io);
      if (code === undefined) console.print(renderFindingList(console));
      else console.print(renderExplanation({ code, page: readPage(code), library }, console));
    });
}

/**
 * Reads the page of a finding, which is part of the package.
 *
 * @throws HygieneError `HYG_CLI_FILE`
 */
function readPage(code: FindingCode): string {
  const path = join(dirname(require.resolve('redis-hygiene/package.json')), findingPagePath(code));
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HygieneError('HYG_CLI_FILE', `${path} cannot be read. Install the package again.`, { cause });
  }
}
