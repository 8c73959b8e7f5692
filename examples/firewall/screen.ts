import { heading, paint, say } from '../demo/screen.js';
import type { Row } from '../demo/client-list.js';
import type { SentinelRows } from './stage.js';
import { lapseRows } from './time-lapse.js';

/** The widest bar, so that six of them, their numbers and the round fit into 80 columns. */
const BAR = 7;
const CELL = BAR + 4;
const MARGIN = 7;

type Side = keyof SentinelRows;
const SIDES = { cart: ['red', '░'], orders: ['green', '█'] } as const;

/** A line that the next one replaces, on a terminal only. */
export function status(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${paint('dim', text)}`);
}

export function clearStatus(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
}

export function timeLapse(): void {
  heading(`${'Time-lapse:'.padEnd(49)}${'in the incident'.padStart(15)}${'here'.padStart(12)}`);
  for (const [what, then, here] of lapseRows) {
    say(`  ${what.padEnd(47)}${then.padStart(15)}${here.padStart(12)}`);
  }
}

/** A socket is one sign, until the bars grow too long for that. */
export function table(rounds: number, sentinels: number) {
  const perSign = Math.ceil((rounds + 1) / BAR);

  function cell(rows: SentinelRows, side: Side): string {
    const [style, sign] = SIDES[side];
    const count = rows[side].length;
    const bar = sign.repeat(Math.ceil(count / perSign));
    return `${String(count).padStart(2)} ${paint(style, bar)}${' '.repeat(Math.max(1, BAR + 1 - bar.length))}`;
  }

  return {
    head(): void {
      const scale = perSign > 1 ? `, ${perSign} to a sign` : '';
      heading(`Connections on the sentinels 1, 2 and 3${scale}.`);
      say('cart is silent, so the firewall forgets its sessions. The heartbeat of orders');
      say('keeps its own known: each round the firewall is made to forget them by force.');
      const names = Array.from({ length: sentinels }, (_, index) => ` ${index + 1}`.padEnd(CELL)).join('');
      say(paint('dim', `${''.padEnd(MARGIN)}${'raw ioredis'.padEnd(CELL * sentinels + 1)}redis-hygiene`));
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

/** CLIENT LIST of one sentinel: the oldest rows of cart, its newest one, and all of orders. */
export function clientList({ cart, orders }: SentinelRows): void {
  const shown = cart.length > 4 ? [...cart.slice(0, 2), undefined, ...cart.slice(-1)] : cart;
  for (const row of shown) {
    say(`  ${row ? paint('red', clientLine(row)) : paint('dim', `… ${cart.length - 3} more of these`)}`);
  }
  for (const row of orders) say(`  ${paint('green', clientLine(row))}`);
}
