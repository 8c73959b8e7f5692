import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from '../demo/client-list.js';
import { status } from './screen.js';
import type { SentinelRows, Stage } from './stage.js';
import { ROUND_LIMIT_MS } from './time-lapse.js';

const LOOK_EVERY_MS = 100;

/**
 * What every sentinel has to show after so many rounds: a ghost of cart for each and its live one, and one
 * subscription of orders.
 * On a busy machine cart's three loops drift, and one may be a round ahead.
 */
export function isAsTold(rows: readonly SentinelRows[], round: number): boolean {
  return rows.every(
    ({ cart, orders }) => cart.length > round && orders.length === 1 && orders.every(isSubscribed),
  );
}

/** Not one that only asks for the master. */
function isSubscribed({ sub }: Row): boolean {
  return sub === '1';
}

/** Looks at the sentinels until they show this, or until it is too late. Gives what they showed last. */
export async function look(
  stage: Stage,
  until: (rows: readonly SentinelRows[]) => boolean,
  withinMs = ROUND_LIMIT_MS,
): Promise<readonly SentinelRows[]> {
  const end = Date.now() + withinMs;
  for (;;) {
    const rows = await stage.rows();
    if (until(rows) || Date.now() > end) return rows;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Both services have their connections. */
export function opening(stage: Stage): Promise<readonly SentinelRows[]> {
  status('  waiting for the first connections');
  return look(stage, (rows) => isAsTold(rows, 0));
}

/**
 * The firewall forgets cart's sessions by itself, because they are silent. Those of orders are never silent for long
 * enough, so it is made to forget them. The round is over when both have connected again.
 */
export async function playRound(
  stage: Stage,
  round: number,
  before: readonly SentinelRows[],
): Promise<readonly SentinelRows[]> {
  const forgotten = before.flatMap(({ orders }) => orders);
  await stage.forget(forgotten);
  status(`  round ${round}: the sessions are forgotten`);
  return look(
    stage,
    (rows) =>
      isAsTold(rows, round) &&
      rows.every(({ orders }) => orders.every(({ addr }) => !isAmong(addr, forgotten))),
  );
}

function isAmong(addr: string | undefined, rows: SentinelRows['orders']): boolean {
  return rows.some((row) => row.addr === addr);
}
