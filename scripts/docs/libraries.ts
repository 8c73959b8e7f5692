import { readFileSync } from 'node:fs';
import { clientLibraryNames } from '../../src/doctor/attribution/client-library.js';
import { findingCodes } from '../../src/doctor/audit/finding-table.js';
import { LIBRARY_SECTION } from '../../src/doctor/render/explanation.js';
import { findingPagePath } from '../../src/doctor/render/findings-report.js';
import { isAboutClients } from '../../src/doctor/remedies/finding-remedies.js';
import { codeLinesOf, libraryHeading, libraryLines } from '../../src/doctor/remedies/library-lines.js';
import { NOTICE } from './markdown.js';

const ROOT = new URL('../../', import.meta.url);

/** Content of the pages of findings whose remedy is in the code of clients: as it is, with the section of all libraries. */
export const findingPages: Readonly<Record<string, () => string>> = Object.fromEntries(
  findingCodes
    .filter(isAboutClients)
    .map((code) => [`findings/${code}.md`, () => withLibrarySection(readPage(code))]),
);

const readPage = (code: string) => readFileSync(new URL(findingPagePath(code), ROOT), 'utf8');

/** A page with the present section in the place of the one that it has. The section is the last one. */
function withLibrarySection(page: string): string {
  const [text = ''] = page.split(`\n${LIBRARY_SECTION}\n`);
  const intro =
    'The lines that name connections, check whether their server is still there, bound their number and close them.';
  return [
    text.trimEnd(),
    LIBRARY_SECTION,
    '<!-- prettier-ignore-start -->',
    NOTICE,
    intro,
    ...clientLibraryNames.map(librarySection),
    '<!-- prettier-ignore-end -->\n',
  ].join('\n\n');
}

function librarySection(library: (typeof clientLibraryNames)[number]): string {
  const { language, docs } = libraryLines[library];
  const code = codeLinesOf(library).join('\n');
  return `**${libraryHeading(library)}** ([options](${docs}))\n\n\`\`\`${language}\n${code}\n\`\`\``;
}
