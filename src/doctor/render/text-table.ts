import { styleText } from 'node:util';
import { safeText } from '../text/safe-text.js';

/** Text styles by meaning. The plain ones return the text unchanged. */
export interface TextStyle {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly good: (text: string) => string;
}

const unchanged = (text: string) => text;
const ansi = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  styleText(format, text, { validateStream: false });

/** Styles without colours. */
export const plainStyle: TextStyle = {
  strong: unchanged,
  faint: unchanged,
  error: unchanged,
  warning: unchanged,
  good: unchanged,
};

/** Styles with ANSI escape sequences. */
export const colorStyle: TextStyle = {
  strong: ansi('bold'),
  faint: ansi('dim'),
  error: ansi('red'),
  warning: ansi('yellow'),
  good: ansi('green'),
};

/** Width and styles of the output. */
export interface Page {
  /** Columns of the terminal; `Infinity` without one. */
  readonly width: number;
  readonly style: TextStyle;
}

/** A column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly text: (row: T) => string;
  /** On a narrow terminal the columns with the highest number are dropped first. A column without a number is never dropped. */
  readonly dropPriority?: number;
}

const COLUMN_GAP = '  ';
/** Columns that are not dropped are not narrowed below this width. */
const MIN_COLUMN_WIDTH = 8;

/** Renders aligned columns under a heading. No line is wider than the page where that is possible. */
export function renderTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { width, style }: Page,
): readonly string[] {
  const measured = columns.map((column) => measureColumn(rows, column));
  const fitted = narrowColumns(dropColumns(measured, width), width);
  const line = (cells: readonly string[]) =>
    fitted
      .map((column, at) => renderCell(cells[at] ?? '', column))
      .join(COLUMN_GAP)
      .trimEnd();
  const heading = style.faint(line(fitted.map(({ title }) => title)));
  return [heading, ...rows.map((_, at) => line(fitted.map(({ cells }) => cells[at] ?? '')))];
}

interface MeasuredColumn<T> extends Column<T> {
  readonly cells: readonly string[];
  readonly width: number;
}

function measureColumn<T>(rows: readonly T[], column: Column<T>): MeasuredColumn<T> {
  const cells = rows.map((row) => safeText(column.text(row)));
  const width = [column.title, ...cells].reduce((widest, cell) => Math.max(widest, cell.length), 0);
  return { ...column, cells, width };
}

function totalWidth(columns: readonly MeasuredColumn<never>[]): number {
  const gaps = COLUMN_GAP.length * Math.max(0, columns.length - 1);
  return columns.reduce((sum, { width }) => sum + width, 0) + gaps;
}

/** Drops columns, those with the highest priority first, until the others fit or none can be dropped. */
function dropColumns<T>(columns: readonly MeasuredColumn<T>[], width: number): readonly MeasuredColumn<T>[] {
  let kept = columns;
  while (totalWidth(kept) > width) {
    const highest = Math.max(...kept.map(({ dropPriority = -1 }) => dropPriority));
    if (highest < 0) break;
    kept = kept.filter(({ dropPriority = -1 }) => dropPriority !== highest);
  }
  return kept;
}

/** Narrows the widest column, again and again, until all fit or none can be narrowed. */
function narrowColumns<T>(
  columns: readonly MeasuredColumn<T>[],
  width: number,
): readonly MeasuredColumn<T>[] {
  const widths = columns.map((column) => column.width);
  for (let excess = totalWidth(columns) - width; excess > 0; excess -= 1) {
    const widest = Math.max(...widths);
    if (widest <= MIN_COLUMN_WIDTH) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return columns.map((column, at) => ({ ...column, width: widths[at] ?? column.width }));
}

function renderCell(text: string, { width, align }: MeasuredColumn<never>): string {
  const short = truncate(text, width);
  return align === 'right' ? short.padStart(width) : short.padEnd(width);
}

function truncate(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
