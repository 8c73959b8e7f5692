import { styleText } from 'node:util';
import { safeText } from '../text/safe-text.js';

/** One column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly text: (row: T) => string;
  /** Where the terminal is too narrow, columns with the highest number are left out first. Without one it stays. */
  readonly expendable?: number;
}

interface Laid<T> extends Column<T> {
  readonly cells: readonly string[];
  readonly width: number;
}

const GAP = '  ';
/** A column that stays is not cut below this. */
const LEAST = 8;

function lay<T>(rows: readonly T[], column: Column<T>): Laid<T> {
  const cells = rows.map((row) => safeText(column.text(row)));
  const width = [column.title, ...cells].reduce((widest, cell) => Math.max(widest, cell.length), 0);
  return { ...column, cells, width };
}

function widthOf(columns: readonly Laid<never>[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0) + GAP.length * Math.max(0, columns.length - 1);
}

/** Leaves out what can be spared. */
function spare<T>(columns: readonly Laid<T>[], width: number): readonly Laid<T>[] {
  let kept = columns;
  while (widthOf(kept) > width) {
    const most = Math.max(...kept.map(({ expendable = -1 }) => expendable));
    if (most < 0) break;
    kept = kept.filter(({ expendable = -1 }) => expendable !== most);
  }
  return kept;
}

/** Cuts the widest column, then that which is the widest by now, until all fit or none can be cut further. */
function narrow<T>(columns: readonly Laid<T>[], width: number): readonly Laid<T>[] {
  const widths = columns.map((column) => column.width);
  for (let excess = widthOf(columns) - width; excess > 0; excess -= 1) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return columns.map((column, at) => ({ ...column, width: widths[at] ?? column.width }));
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

function cell(text: string, { width, align }: Laid<never>): string {
  const short = cut(text, width);
  return align === 'right' ? short.padStart(width) : short.padEnd(width);
}

/** Aligned columns under a heading, no line wider than `width` where that is possible. */
export function renderTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { width, ink }: { readonly width: number; readonly ink: TextStyle },
): readonly string[] {
  const all = columns.map((column) => lay(rows, column));
  const laid = narrow(spare(all, width), width);
  const line = (cells: readonly string[]) =>
    laid
      .map((column, at) => cell(cells[at] ?? '', column))
      .join(GAP)
      .trimEnd();
  const heading = ink.faint(line(laid.map(({ title }) => title)));
  return [heading, ...rows.map((_, at) => line(laid.map(({ cells }) => cells[at] ?? '')))];
}

/** How things are set apart for people. Without colours all of them leave the text as it is. */
export interface TextStyle {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly good: (text: string) => string;
}

const asIs = (text: string) => text;
const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  styleText(format, text, { validateStream: false });

export const plainStyle: TextStyle = { strong: asIs, faint: asIs, error: asIs, warning: asIs, good: asIs };

export const colourStyle: TextStyle = {
  strong: style('bold'),
  faint: style('dim'),
  error: style('red'),
  warning: style('yellow'),
  good: style('green'),
};

/** What findings are printed on. */
export interface Page {
  readonly width: number;
  readonly ink: TextStyle;
}
