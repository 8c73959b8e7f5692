import { styleText } from 'node:util';
import type { Row } from './client-list.js';

type Style = Parameters<typeof styleText>[0];

const { FORCE_COLOR, NO_COLOR } = process.env;
const isColoured = FORCE_COLOR !== undefined || (process.stdout.isTTY && !NO_COLOR);

/** Styles a text for a terminal, unless the output is a pipe or NO_COLOR is set. */
export function paint(style: Style, text: string): string {
  return isColoured ? styleText(style, text) : text;
}

export function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export function heading(text: string): void {
  say(`\n${paint('bold', text)}`);
}

function isNamed({ name }: Row): boolean {
  return Boolean(name);
}

/** Prints the number of connections at one moment, with a bar of named (█) and unnamed (░, for ten each) ones. */
export function bar(second: number, rows: readonly Row[]): void {
  const named = rows.filter(isNamed).length;
  const unnamed = rows.length - named;
  const picture = paint('green', '█'.repeat(named)) + paint('red', '░'.repeat(Math.ceil(unnamed / 10)));
  say(`  ${String(second).padStart(2)} s  ${String(rows.length).padStart(4)} connections  ${picture}`);
}

const COLUMNS = { id: 6, addr: 22, name: 22, age: 5, idle: 5, cmd: 12 } as const;

function line(row: Row): string {
  return Object.entries(COLUMNS)
    .map(([field, width]) => `${field}=${row[field] ?? ''}`.padEnd(width + field.length))
    .join('')
    .trimEnd();
}

/** Prints three of the unnamed rows, and all named ones. */
export function clientList(rows: readonly Row[]): void {
  const unnamed = rows.filter((row) => !isNamed(row));
  for (const row of unnamed.slice(-3)) say(`  ${paint('red', line(row))}`);
  if (unnamed.length > 3) say(`  ${paint('dim', `… ${unnamed.length - 3} more rows without a name`)}`);
  for (const row of rows.filter(isNamed)) say(`  ${paint('green', line(row))}`);
}
