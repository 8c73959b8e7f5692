import type { Redis } from 'ioredis';
import { close, sides, type Open, type Side } from './contestants.js';
import { runLoad } from './load.js';

const VALUE = 'x'.repeat(100);
const KEY = 'bench:overhead';
const CALLS: Readonly<Record<string, (client: Redis) => Promise<unknown>>> = {
  GET: (client) => client.get(KEY),
  SET: (client) => client.set(KEY, VALUE),
};
const CALLERS = [1, 50, 500];

/** Forwards and backwards, so that a machine that slows down or speeds up favours neither side. */
const RAW_FIRST: readonly Side[] = ['raw', 'ours', 'ours', 'raw'];
const OURS_FIRST: readonly Side[] = ['ours', 'raw', 'raw', 'ours'];

/** How long is measured and thrown away, in milliseconds: the compiler settles. */
const WARM_UP_MS = 4_000;

/** How much is measured. */
export interface Plan {
  readonly rounds: number;
  /** Milliseconds for each of the measurements of a round. */
  readonly ms: number;
}

/** A command with one number of callers. The n-th rates of both sides were measured side by side. */
export interface Cell {
  readonly command: string;
  readonly callers: number;
  /** Commands per second. */
  readonly rates: Readonly<Record<Side, number[]>>;
}

export const MEASUREMENTS_PER_ROUND = Object.keys(CALLS).length * CALLERS.length * RAW_FIRST.length;

function warmUpRounds(ms: number): number {
  return Math.ceil(WARM_UP_MS / (MEASUREMENTS_PER_ROUND * ms));
}

/** How long a plan takes at least, in milliseconds, warm-up included. */
export function durationMs({ rounds, ms }: Plan): number {
  return (rounds + warmUpRounds(ms)) * MEASUREMENTS_PER_ROUND * ms;
}

function emptyCells(): Cell[] {
  return Object.keys(CALLS).flatMap((command) =>
    CALLERS.map((callers) => ({ command, callers, rates: { raw: [], ours: [] } })),
  );
}

type Contest = Readonly<Record<Side, Redis>>;

async function openBoth(open: Open, first: Side): Promise<Contest> {
  if (first === 'raw') return { raw: await open('raw'), ours: await open('ours') };
  const ours = await open('ours');
  return { raw: await open('raw'), ours };
}

/** Every cell once, in the given order of sides. */
async function runRound(
  clients: Contest,
  cells: readonly Cell[],
  order: readonly Side[],
  ms: number,
): Promise<void> {
  for (const { command, callers, rates } of cells) {
    const call = CALLS[command];
    if (!call) throw new Error(`There is no call for ${command}.`);
    for (const side of order)
      rates[side].push(await runLoad({ call: () => call(clients[side]), callers, ms }));
  }
}

/**
 * Measures every cell, round by round: short measurements in turn, so that what else the machine does meets both
 * sides alike, and two fresh connections for each round: two raw connections can differ by a third for as long as
 * they live (seen with 50 callers on loopback).
 */
export async function runRounds(open: Open, { rounds, ms }: Plan): Promise<readonly Cell[]> {
  const warmUp = emptyCells();
  const cells = emptyCells();
  for (let round = -warmUpRounds(ms); round < rounds; round += 1) {
    const order = round % 2 === 0 ? RAW_FIRST : OURS_FIRST;
    const clients = await openBoth(open, round % 2 === 0 ? 'raw' : 'ours');
    await clients.raw.set(KEY, VALUE);
    await clients.ours.set(KEY, VALUE);
    await runRound(clients, round < 0 ? warmUp : cells, order, ms);
    await Promise.all(sides.map((side) => close(clients[side])));
  }
  return cells;
}
