import type { Redis } from 'ioredis';
import { close, sides, type OpenClient, type Side } from './contestants.js';
import { runLoad } from './load.js';

const VALUE = 'x'.repeat(100);
const KEY = 'bench:overhead';
const CALLS: Readonly<Record<string, (client: Redis) => Promise<unknown>>> = {
  GET: (client) => client.get(KEY),
  SET: (client) => client.set(KEY, VALUE),
};
const CALLERS = [1, 50, 500];

/** Orders in which the sides are measured, symmetric so that a machine that slows down or speeds up favours neither side. */
const RAW_FIRST: readonly Side[] = ['raw', 'ours', 'ours', 'raw'];
const OURS_FIRST: readonly Side[] = ['ours', 'raw', 'raw', 'ours'];

/** Duration of the measurements that are discarded, until V8 has compiled the code. */
const WARM_UP_MS = 4_000;

/** Number and duration of the measurements. */
export interface Plan {
  readonly rounds: number;
  /** Duration of each measurement of a round, in milliseconds. */
  readonly ms: number;
}

/** Results of a command with one number of callers. The n-th rates of both sides were measured one after the other. */
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

/** Shortest duration of a plan with its warm-up, in milliseconds. */
export function durationMs({ rounds, ms }: Plan): number {
  return (rounds + warmUpRounds(ms)) * MEASUREMENTS_PER_ROUND * ms;
}

function emptyCells(): Cell[] {
  return Object.keys(CALLS).flatMap((command) =>
    CALLERS.map((callers) => ({ command, callers, rates: { raw: [], ours: [] } })),
  );
}

type ClientPair = Readonly<Record<Side, Redis>>;

async function openBoth(open: OpenClient, first: Side): Promise<ClientPair> {
  if (first === 'raw') return { raw: await open('raw'), ours: await open('ours') };
  const ours = await open('ours');
  return { raw: await open('raw'), ours };
}

/** Measures every cell once, in the given order of sides. */
async function runRound(
  clients: ClientPair,
  cells: readonly Cell[],
  order: readonly Side[],
  ms: number,
): Promise<void> {
  for (const { command, callers, rates } of cells) {
    const call = CALLS[command];
    if (!call) throw new Error(`Unknown command ${command}.`);
    for (const side of order)
      rates[side].push(await runLoad({ call: () => call(clients[side]), callers, ms }));
  }
}

/**
 * Measures every cell in each round. The sides take turns in short measurements, so that other load on the machine
 * affects both alike. Each round opens two new connections, because the speed of two raw connections can differ by a
 * third for their whole life (seen with 50 callers on loopback).
 */
export async function runRounds(open: OpenClient, { rounds, ms }: Plan): Promise<readonly Cell[]> {
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
