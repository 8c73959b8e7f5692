import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HookReport } from 'redis-hygiene';
import { observe, type Observer, type Row } from './client-list.js';
import { isAbout, runDoctor } from './doctor.js';
import { bar, clientList, heading, say } from './screen.js';
import { startService, type Service } from './services.js';

/** The doctor counts connections as abandoned that have not been used for five seconds. */
const UNCHANGED_SECONDS = 5;
const MAX_SECONDS = 60;

/**
 * Shows two services that leak beside one that does not, and who leaks according to the doctor.
 *
 * @param services Receives the services, which the caller kills.
 * @returns whether `orders` was clean and the doctor has named the other two
 */
export async function runScenario(url: string, services: Service[]): Promise<boolean> {
  const start = async (name: string) => {
    const service = await startService(name, { REDIS_URL: url });
    services.push(service);
    return service;
  };
  const [cart, search, orders] = [await start('cart'), await start('search'), await start('orders')];
  say('Three services run:');
  for (const { name, pid } of [cart, search])
    say(`  ${name.padEnd(7)} (pid ${pid}) plain ioredis, leaks a connection with each request`);
  say(`  orders  (pid ${orders.pid}) redis-hygiene`);

  const isClean = await watch(url, orders);
  const areNamed = await findLeaks(url, [cart, search]);
  return isClean && areNamed;
}

/** Shows the connections, then stops `orders`. Returns whether its connections had names and were closed. */
async function watch(url: string, orders: Service): Promise<boolean> {
  const observer = observe(url);
  try {
    const rows = await watchGrowth(observer);
    heading('CLIENT LIST:');
    clientList(rows);
    return (await stopOrders(orders, observer)) && ofOrders(rows).length === 2;
  } finally {
    // Before the doctor runs, which would count this connection as one of another client.
    observer.close();
  }
}

/** Shows the number of connections until it has not changed for five seconds. */
async function watchGrowth(observer: Observer): Promise<readonly Row[]> {
  heading(
    'Requests come in for about three seconds. Connections: named █, unnamed ░ (each ░ stands for ten)',
  );
  let rows: readonly Row[] = [];
  let changedAt = 0;
  for (let second = 1; second <= MAX_SECONDS && second - changedAt <= UNCHANGED_SECONDS; second++) {
    await sleep(1_000);
    const now = await observer.rows();
    // On a busy machine the services may take seconds to start.
    if (now.length === 0 || now.length !== rows.length) changedAt = second;
    rows = now;
    bar(second, rows);
  }
  return rows;
}

function ofOrders(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ name }) => name?.startsWith('orders@'));
}

async function stopOrders({ process: child }: Service, observer: Observer): Promise<boolean> {
  heading('SIGTERM to orders. Its report:');
  const [message, ended] = [once(child, 'message'), once(child, 'close')];
  child.kill('SIGTERM');
  const [report] = (await Promise.race([message, ended.then(failWithoutReport)])) as [HookReport];
  const [code] = (await ended) as [number];
  say(
    `  closed ${report.closed}, forced ${report.forced}, abandoned commands ${report.abandonedCommands}, in ${report.durationMs} ms`,
  );
  const left = ofOrders(await observer.rows());
  say(`  orders exited with code ${code}. Its rows in CLIENT LIST: ${left.length}`);
  return code === 0 && left.length === 0;
}

function failWithoutReport(): never {
  throw new Error('orders ended without a report');
}

/** Runs the doctor, and says so if it did not name all of these services. */
async function findLeaks(url: string, services: readonly Service[]): Promise<boolean> {
  heading('The other rows have no name. The doctor finds out whose they are, and what to do:');
  const findings = await runDoctor(url);
  const missed = services.filter(({ pid }) => !findings.some((finding) => isAbout(finding, pid)));
  if (missed.length === 0) return true;
  say(`\nThe doctor did not name ${missed.map(({ name }) => name).join(' and ')} (exit code 1).`);
  say('It finds processes on Linux only, and only if no container or proxy stands before the server.');
  return false;
}
