import { heading, say } from '../demo/screen.js';
import { isAsExpected, waitForRows, waitForFirstConnections, runRound } from './rounds.js';
import { clientList, table, timeLapse } from './screen.js';
import type { ReplaySetup, SentinelRows } from './setup.js';

const CLOSED_MS = 2_000;

/** Runs the replay and prints it. Returns whether every count was as expected. */
export async function showReplay(setup: ReplaySetup, rounds: number): Promise<boolean> {
  say(`Redis ${setup.version}: a master and three sentinels without keepalive, behind a firewall.`);
  say('Two services hold a subscription to +switch-master on each sentinel:');
  say('  cart    raw ioredis, like the service of the incident');
  say('  orders  redis-hygiene');
  timeLapse();

  const rows = await runRounds(setup, rounds);
  if (!isAsExpected(rows, rounds)) return false;
  const [first] = rows;
  heading('CLIENT LIST of sentinel 1:');
  if (first) clientList(first);
  const areReaped = await reportServices(setup, rounds * rows.length);
  const isClean = await stopServices(setup, rounds);
  return areReaped && isClean;
}

async function runRounds(setup: ReplaySetup, rounds: number): Promise<readonly SentinelRows[]> {
  let rows = await waitForFirstConnections(setup);
  const { head, line } = table(rounds, rows.length);
  head();
  line(0, rows);
  for (let round = 1; round <= rounds && isAsExpected(rows, round - 1); round++) {
    rows = await runRound(setup, round, rows);
    line(round, rows);
  }
  return rows;
}

/** Prints the reports of the services. Returns whether at least as many connections were reaped as had been cut. */
async function reportServices({ cart, orders }: ReplaySetup, cuts: number): Promise<boolean> {
  const [cartSockets, ordersSockets] = await Promise.all([cart.sockets(), orders.sockets()]);
  const lost = cart.reports('lost').length;
  const silences = orders.reports('stale').map(({ silentMs }) => silentMs);
  const reaped = orders.reports('orphan').filter(({ outcome }) => outcome === 'reaped').length;
  const longest = (Math.max(0, ...silences) / 1_000).toFixed(1);
  heading('What the services report:');
  say(`  cart    ${cartSockets} open sockets. "Lost connection to Sentinel": ${lost} times.`);
  say(
    `  orders  ${ordersSockets} open sockets, one of them to Redis. ${silences.length} sessions found stale,`,
  );
  say(`          each within ${longest} s; ${reaped} orphans reaped on the sentinels.`);
  return reaped >= cuts;
}

/** Stops both services and prints the connections that remain on the sentinels. */
async function stopServices(setup: ReplaySetup, rounds: number): Promise<boolean> {
  const [code] = await Promise.all([setup.orders.stop(), setup.cart.stop()]);
  const isClosed = ({ cart, orders }: SentinelRows) => cart.length >= rounds && orders.length === 0;
  const left = await waitForRows(setup, (rows) => rows.every(isClosed), CLOSED_MS);
  const countsOf = (side: keyof SentinelRows) => left.map((sentinel) => sentinel[side].length).join(' + ');
  heading('Both services are stopped. Connections that remain on the sentinels:');
  say(`  cart    ${countsOf('cart')} unnamed rows, ESTABLISHED until the sentinels restart`);
  say(`  orders  ${countsOf('orders')}`);
  return code === 0 && left.every(isClosed);
}
