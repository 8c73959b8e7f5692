/** What each generated page says at its top. */
export const NOTICE = '<!-- Made by `npm run docs` from the tables in src. Do not edit. -->';

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
