import { CONTESTANTS } from '../rig/contestant.js';
import type { Figure } from './figure.js';

const HEAD = ['', 'raw 5', 'raw 6', 'ours over 5', 'ours over 6'];

/** All figures as lines of text, with one row per measurement and one column per contestant. */
export function formatTable(figures: readonly Figure[]): string[] {
  const rows = [...new Set(figures.map(({ row }) => row))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const lines = rows.map((row) => [row, ...CONTESTANTS.map((who) => valueOf(figures, row, who))]);
  const cells = [HEAD, ...lines];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function valueOf(figures: readonly Figure[], row: string, who: string): string {
  const values = figures.filter((figure) => figure.row === row && figure.who === who);
  return values.map(({ value }) => value).join(', ') || '–';
}
