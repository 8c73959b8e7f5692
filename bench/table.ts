import type { Interval } from './statistics.js';

/** A column: its heading, and the function that formats the cell of a row. */
export interface Column<Row> {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

function pad(text: string, width: number, align: Column<never>['align']): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}

/** Renders rows below a heading and a line, with two spaces between columns. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const texts = columns.map(({ head, align, cell }) => {
    const cells = rows.map(cell);
    const width = Math.max(head.length, ...cells.map((text) => text.length));
    return [head, '─'.repeat(width), ...cells].map((text) => pad(text, width, align));
  });
  return [...Array(rows.length + 2).keys()]
    .map((line) =>
      texts
        .map((column) => column[line])
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Formats a whole number as `12,345`, in every locale. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function ratio(value: number): string {
  return value.toFixed(3);
}

export function ratios({ from, to }: Interval): string {
  return `${ratio(from)} – ${ratio(to)}`;
}
