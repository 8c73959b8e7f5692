import { type ClientLibrary, clientLibraryNames } from '../attribution/client-library.js';
import { type FindingCode, findingCodes, findingTable } from '../audit/finding-table.js';
import { isAboutClients } from '../remedies/finding-remedies.js';
import { codeLinesOf, libraryHeading, libraryLines } from '../remedies/library-lines.js';
import { wrapText } from '../text/safe-text.js';
import { type Page, renderTable } from './text-table.js';

/** Heading of the section of a page that has the lines of all libraries. It is the last section. */
export const LIBRARY_SECTION = '## In your library';

/** The section of a page that shows what the doctor prints: whoever asks has just seen it. */
const EXAMPLE_SECTION = /\n## What it looks like\n[^]*?(?=\n## )/;

/** What is explained, with the text of its page in Markdown. */
export interface Explanation {
  readonly code: FindingCode;
  readonly page: string;
  readonly library: ClientLibrary | undefined;
}

/** Widest text of an explanation: longer lines are hard to read. */
const MAX_TEXT_WIDTH = 100;

/** Renders the page of a finding for a terminal, with the lines of one library in the place of those of all. */
export function renderExplanation({ code, page, library }: Explanation, output: Page): readonly string[] {
  const [text = ''] = page.replace(EXAMPLE_SECTION, '').split(`\n${LIBRARY_SECTION}\n`);
  const width = Math.min(output.width, MAX_TEXT_WIDTH);
  const blocks = text.trim().split(/\n{2,}(?=(?:[^`]|`(?!``)|```[^]*?```)*$)/);
  return [
    ...blocks.flatMap((block) => [...renderBlock(block, { ...output, width }), '']),
    ...(isAboutClients(code) ? renderLibrary(code, library, { ...output, width }) : []),
  ];
}

/** Renders a paragraph, a list, a heading or a code block of Markdown. */
function renderBlock(block: string, { width, style }: Page): readonly string[] {
  if (block.startsWith('```')) {
    const code = block.split('\n').slice(1, -1);
    return code.map((line) => `    ${line}`);
  }
  const plain = withoutMarkup(block);
  if (block.startsWith('#')) return [style.strong(plain.replace(/^#+ /, ''))];
  const items = plain.split(/\n(?=- |\d+\. |\|)/);
  return items.flatMap((item) => {
    const [marker = ''] = /^(?:- |\d+\. )/.exec(item) ?? [];
    const words = item.replace(/\s*\n\s*/g, ' ');
    return wrapText(words, width - marker.length).map((line, at) =>
      at === 0 ? line : ' '.repeat(marker.length) + line,
    );
  });
}

/** Removes emphasis and code marks, and the targets of links. */
function withoutMarkup(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)\s]+\)/g, '$1').replace(/\*\*|`/g, '');
}

function renderLibrary(
  code: FindingCode,
  library: ClientLibrary | undefined,
  { width, style }: Page,
): readonly string[] {
  if (library === undefined) {
    const names = clientLibraryNames.join(', ');
    const advice = `For the lines of a library, add --library and one of ${names}: redis-hygiene explain ${code} --library ${clientLibraryNames[0] ?? ''}`;
    return wrapText(advice, width);
  }
  return [
    style.strong(`In ${libraryHeading(library)}`),
    ...codeLinesOf(library).map((line) => `    ${line}`),
    '',
    `Documented at ${libraryLines[library].docs}`,
  ];
}

/** Renders all findings with their titles. */
export function renderFindingList(page: Page): readonly string[] {
  return renderTable(
    findingCodes,
    [
      { title: 'finding', text: (code) => code },
      { title: 'severity', text: (code) => findingTable[code].severity, dropPriority: 1 },
      { title: 'what is wrong', text: (code) => findingTable[code].title },
    ],
    page,
  );
}
