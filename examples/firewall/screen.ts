import { heading, paint, say } from '../demo/screen.js';
import type { Row } from '../demo/client-list.js';
import type { SentinelRows } from './setup.js';
import { timeLapseRows } from './time-lapse.js';

/** Longest bar, so that six bars, their numbers and the round fit into 80 columns. */
const BAR_WIDTH = 7;
const CELL_WIDTH = BAR_WIDTH + 4;
const MARGIN_WIDTH = 7;

type Side = keyof SentinelRows;
const SIDES = { cart: ['red', '░'], orders: ['green', '█'] } as const;

/** Prints a line that the next one replaces. Prints nothing if the output is not a terminal. */
export function status(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${paint('dim', text)}`);
}

export function clearStatus(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
}

export function timeLapse(): void {
  heading(`${'Time-lapse:'.padEnd(49)}${'in the incident'.padStart(15)}${'here'.padStart(12)}`);
  for (const [what, then, here] of timeLapseRows) {
    say(`  ${what.padEnd(47)}${then.padStart(15)}${here.padStart(12)}`);
  }
}

/** Table of connections per round. A character stands for one connection, or for more if the bars were too long. */
export function table(rounds: number, sentinels: number) {
  const perCharacter = Math.ceil((rounds + 1) / BAR_WIDTH);

  function cell(rows: SentinelRows, side: Side): string {
    const [style, character] = SIDES[side];
    const count = rows[side].length;
    const bar = character.repeat(Math.ceil(count / perCharacter));
    return `${String(count).padStart(2)} ${paint(style, bar)}${' '.repeat(Math.max(1, BAR_WIDTH + 1 - bar.length))}`;
  }

  return {
    head(): void {
      const scale = perCharacter > 1 ? `, ${perCharacter} per character` : '';
      heading(`Connections on the sentinels 1, 2 and 3${scale}.`);
      say('cart sends nothing, so the firewall forgets its sessions. The heartbeat of');
      say('orders keeps its sessions alive, so each round cuts them by a firewall rule.');
      const names = Array.from({ length: sentinels }, (_, index) => ` ${index + 1}`.padEnd(CELL_WIDTH)).join(
        '',
      );
      say(
        paint(
          'dim',
          `${''.padEnd(MARGIN_WIDTH)}${'raw ioredis'.padEnd(CELL_WIDTH * sentinels + 1)}redis-hygiene`,
        ),
      );
      say(paint('dim', ` round ${names} ${names}`.trimEnd()));
    },
    line(round: number, rows: readonly SentinelRows[]): void {
      clearStatus();
      const [left, right] = (['cart', 'orders'] as const).map((side) =>
        rows.map((one) => cell(one, side)).join(''),
      );
      say(`${String(round).padStart(5)}  ${left} ${right}`.trimEnd());
    },
  };
}

const COLUMNS = { id: 7, addr: 22, name: 27, idle: 9, cmd: 14 } as const;

function clientLine(row: Row): string {
  return Object.entries(COLUMNS)
    .map(([field, width]) => `${field}=${row[field] ?? ''}`.padEnd(width))
    .join('')
    .trimEnd();
}

/** Prints CLIENT LIST of one sentinel: the oldest rows of cart and its newest one, and all rows of orders. */
export function clientList({ cart, orders }: SentinelRows): void {
  const shown = cart.length > 4 ? [...cart.slice(0, 2), undefined, ...cart.slice(-1)] : cart;
  for (const row of shown) {
    say(
      `  ${row ? paint('red', clientLine(row)) : paint('dim', `… ${cart.length - 3} more rows like these`)}`,
    );
  }
  for (const row of orders) say(`  ${paint('green', clientLine(row))}`);
}
