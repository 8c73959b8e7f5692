import { heading, say } from '../demo/screen.js';
import { isAsTold, look, opening, playRound } from './rounds.js';
import { clientList, table, timeLapse } from './screen.js';
import type { SentinelRows, Stage } from './stage.js';

const CLOSED_MS = 2_000;

/** Plays all of it. Gives whether every count was as it should be. */
export async function play(stage: Stage, rounds: number): Promise<boolean> {
  say(`Redis ${stage.version}: a master and three sentinels without keepalive, behind a firewall.`);
  say('Two services hold a subscription to +switch-master on each sentinel:');
  say("  cart    raw ioredis, as the incident's service did it");
  say('  orders  redis-hygiene');
  timeLapse();

  const last = await playRounds(stage, rounds);
  if (!isAsTold(last, rounds)) return false;
  const [first] = last;
  heading('CLIENT LIST of sentinel 1:');
  if (first) clientList(first);
  const reaped = await whatTheyKnow(stage, rounds * last.length);
  const clean = await afterwards(stage, rounds);
  return reaped && clean;
}

async function playRounds(stage: Stage, rounds: number): Promise<readonly SentinelRows[]> {
  let rows = await opening(stage);
  const { head, line } = table(rounds, rows.length);
  head();
  line(0, rows);
  for (let round = 1; round <= rounds && isAsTold(rows, round - 1); round++) {
    rows = await playRound(stage, round, rows);
    line(round, rows);
  }
  return rows;
}

/** What the services have seen of it. Gives whether as many connections were reaped as had been cut. */
async function whatTheyKnow({ cart, orders }: Stage, cuts: number): Promise<boolean> {
  const [ofCart, ofOrders] = await Promise.all([cart.sockets(), orders.sockets()]);
  const lost = cart.told('lost').length;
  const silences = orders.told('stale').map(({ silentMs }) => silentMs);
  const reaped = orders.told('orphan').filter(({ outcome }) => outcome === 'reaped').length;
  const longest = (Math.max(0, ...silences) / 1_000).toFixed(1);
  heading('What the services know of it:');
  say(`  cart    ${ofCart} sockets of its own. "Lost connection to Sentinel": ${lost} times.`);
  say(
    `  orders  ${ofOrders} sockets of its own, one of them to Redis. ${silences.length} sessions found stale,`,
  );
  say(`          within ${longest} s each; ${reaped} orphans reaped on the sentinels.`);
  return reaped >= cuts;
}

/** Stops both services and looks at what the sentinels keep. */
async function afterwards(stage: Stage, rounds: number): Promise<boolean> {
  const [code] = await Promise.all([stage.orders.stop(), stage.cart.stop()]);
  const isClosed = ({ cart, orders }: SentinelRows) => cart.length >= rounds && orders.length === 0;
  const left = await look(stage, (rows) => rows.every(isClosed), CLOSED_MS);
  const sum = (side: keyof SentinelRows) => left.map((one) => one[side].length).join(' + ');
  heading('Both services are stopped. What the sentinels still hold:');
  say(`  cart    ${sum('cart')} unnamed rows, ESTABLISHED until the sentinels restart`);
  say(`  orders  ${sum('orders')}`);
  return code === 0 && left.every(isClosed);
}
