import type { Claim } from '../attribution/claim.js';
import type { ClientRow } from '../client-list/row.js';
import { gather } from './holders.js';

/** `1 connection`, `2 connections`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** `54 %`. */
export function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

/** `, 54 % of maxclients (10000)`; nothing where that is unknown. */
export function shareOf(amount: number, maxclients: number | undefined): string {
  return maxclients ? `, ${percent(amount, maxclients)} of maxclients (${maxclients})` : '';
}

/** The three most frequent values: `ping 5400, select 32`. */
export function tally(rows: readonly ClientRow[], valueOf: (row: ClientRow) => string): string {
  return [...gather(rows, valueOf)]
    .sort(([one, some], [other, more]) => more.length - some.length || (one < other ? -1 : 1))
    .slice(0, 3)
    .map(([value, { length }]) => `${value} ${length}`)
    .join(', ');
}

/** Who holds something, for the beginning of a sentence. */
export function whoIs({ owner, confidence }: Claim): string {
  return confidence === 'ambiguous' ? `${owner}, an address that stands for many,` : owner;
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB'] as const;

/** `1.5 MiB`. */
export function size(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1);
  const amount = bytes / 1024 ** power;
  return `${power === 0 ? amount : amount.toFixed(1)} ${UNITS[power] ?? ''}`;
}
