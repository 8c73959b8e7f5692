import { inspect } from 'node:util';
import { systemClock } from '../core/clock.js';
import type { ConnectionInfo } from '../ledger/connection.js';

/** Widest line of a table, in columns. */
const MAX_WIDTH = 119;
/** Columns are not narrowed below this width. */
const MIN_COLUMN_WIDTH = 12;
const COLUMN_GAP = '  ';

/** A column of the table, and which end of a long text is cut off. */
interface Column {
  readonly title: string;
  readonly textOf: (connection: ConnectionInfo) => string;
  readonly cut?: 'start' | 'end';
}

const columns: readonly Column[] = [
  { title: 'id', textOf: ({ id }) => String(id) },
  { title: 'name', textOf: ({ name }) => name, cut: 'end' },
  { title: 'state', textOf: ({ state }) => state },
  { title: 'age', textOf: ({ openedAt }) => formatAge(systemClock.now() - openedAt) },
  { title: 'server', textOf: ({ target }) => target, cut: 'end' },
  { title: 'client id', textOf: ({ clientId }) => (clientId === undefined ? '' : String(clientId)) },
  { title: 'opened by', textOf: ({ callSite: [line = ''] }) => line, cut: 'start' },
];

/**
 * Renders connections as a table for a terminal or a log: at most 119 columns wide, one line for each connection, with the
 * line of code that opened it. `console.log(redis.connections())` prints the same table.
 *
 * @param connections what `redis.connections()` returns, or some of it
 */
export function formatConnections(connections: readonly ConnectionInfo[]): string {
  if (connections.length === 0) return 'no open connections';
  const cells = columns.map(({ title, textOf }) => [title, ...connections.map(textOf)]);
  const widths = narrowed(cells.map((texts) => Math.max(...texts.map(({ length }) => length))));
  const lineOf = (_: unknown, row: number) =>
    columns
      .map(({ cut }, at) => fit(cells[at]?.[row] ?? '', widths[at] ?? 0, cut))
      .join(COLUMN_GAP)
      .trimEnd();
  return Array.from({ length: connections.length + 1 }, lineOf).join('\n');
}

/** The widths of the columns, of which the widest that may be cut becomes narrower until all fit. */
function narrowed(natural: readonly number[]): readonly number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, width) => sum + width, COLUMN_GAP.length * (widths.length - 1));
  while (total() > MAX_WIDTH) {
    const flexible = widths.map((width, at) => (columns[at]?.cut === undefined ? 0 : width));
    const widest = Math.max(...flexible);
    if (widest <= MIN_COLUMN_WIDTH) break;
    widths[flexible.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

function fit(text: string, width: number, cut: Column['cut']): string {
  if (text.length <= width) return text.padEnd(width);
  return cut === 'start' ? `…${text.slice(1 - width)}` : `${text.slice(0, width - 1)}…`;
}

/** An age with its largest unit: `45s`, `12m`, `3h`, `2d`. */
function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** Makes `util.inspect`, and so `console.log`, print an array of connections as a table. The array stays plain data. */
export function printAsTable(connections: readonly ConnectionInfo[]): readonly ConnectionInfo[] {
  const value = () => formatConnections(connections);
  return Object.defineProperty(connections, inspect.custom, { value, enumerable: false });
}
