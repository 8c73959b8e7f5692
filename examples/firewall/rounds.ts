import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from '../demo/client-list.js';
import { status } from './screen.js';
import type { ReplaySetup, SentinelRows } from './setup.js';
import { ROUND_LIMIT_MS } from './time-lapse.js';

const POLL_INTERVAL_MS = 100;

/**
 * Whether every sentinel has the expected rows after a round: of cart, its live connection and an orphan for each round;
 * of orders, one subscription. On a busy machine one of cart's three connections may be a round ahead of the others.
 */
export function isAsExpected(rows: readonly SentinelRows[], round: number): boolean {
  return rows.every(
    ({ cart, orders }) => cart.length > round && orders.length === 1 && orders.every(isSubscribed),
  );
}

/** Whether a connection is the subscription, and not one that queries the master's address. */
function isSubscribed({ sub }: Row): boolean {
  return sub === '1';
}

/** Polls the sentinels until a condition holds or the time is up. Returns the last rows. */
export async function waitForRows(
  setup: ReplaySetup,
  until: (rows: readonly SentinelRows[]) => boolean,
  withinMs = ROUND_LIMIT_MS,
): Promise<readonly SentinelRows[]> {
  const end = Date.now() + withinMs;
  for (;;) {
    const rows = await setup.rows();
    if (until(rows) || Date.now() > end) return rows;
    await sleep(POLL_INTERVAL_MS);
  }
}

/** Waits until both services are connected to all sentinels. */
export function waitForFirstConnections(setup: ReplaySetup): Promise<readonly SentinelRows[]> {
  status('  waiting for the first connections');
  return waitForRows(setup, (rows) => isAsExpected(rows, 0));
}

/**
 * Runs a round, which is over when both services have connected again. The firewall forgets cart's sessions by itself,
 * because they are idle. The sessions of orders are never idle for long enough, so they are cut here.
 */
export async function runRound(
  setup: ReplaySetup,
  round: number,
  before: readonly SentinelRows[],
): Promise<readonly SentinelRows[]> {
  const forgotten = before.flatMap(({ orders }) => orders);
  await setup.forget(forgotten);
  status(`  round ${round}: the firewall has forgotten the sessions`);
  return waitForRows(
    setup,
    (rows) =>
      isAsExpected(rows, round) &&
      rows.every(({ orders }) => orders.every(({ addr }) => !isAmong(addr, forgotten))),
  );
}

function isAmong(addr: string | undefined, rows: SentinelRows['orders']): boolean {
  return rows.some((row) => row.addr === addr);
}
