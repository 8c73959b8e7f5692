// `npm run demo`: shows CLIENT LIST of a real Redis with two services that leak connections and one that does not.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HookReport } from 'redis-hygiene';
import { startRedis } from '../../test/support/redis/index.js';
import { observe, type Observer, type Row } from './client-list.js';
import { bar, clientList, heading, owners, say } from './screen.js';
import { killService, startService, type Service } from './services.js';

const SECONDS = 6;

function ofOrders(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ name }) => name?.startsWith('orders@'));
}

async function watchGrowth(observer: Observer): Promise<readonly Row[]> {
  heading('Connections on the server: named █, unnamed ░ (each ░ stands for four):');
  let rows: readonly Row[] = [];
  for (let second = 1; second <= SECONDS; second++) {
    await sleep(1_000);
    rows = await observer.rows();
    bar(second, rows);
  }
  return rows;
}

async function stopOrders({ process: child }: Service, observer: Observer): Promise<boolean> {
  heading('SIGTERM to orders. Its report:');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [report] = (await once(child, 'message')) as [HookReport];
  const [code] = (await ended) as [number];
  say(
    `  closed ${report.closed}, forced ${report.forced}, abandoned commands ${report.abandonedCommands}, in ${report.durationMs} ms`,
  );
  for (const { name, outcome, why } of report.connections)
    say(`  ${name.padEnd(24)} ${outcome.padEnd(8)} ${why}`);
  const left = ofOrders(await observer.rows());
  heading(`orders exited with code ${code}. Its rows in CLIENT LIST: ${left.length}`);
  return code === 0 && left.length === 0;
}

async function runDemo(url: string, services: Service[]): Promise<boolean> {
  const env = { REDIS_URL: url };
  services.push(startService('cart', 'leaky.mjs', { ...env, EVERY_MS: '50' }));
  services.push(startService('search', 'leaky.mjs', { ...env, EVERY_MS: '80' }));
  const orders = startService('orders', 'orders.mjs', env);
  services.push(orders);
  say('Three services run: cart and search use plain ioredis and leak, orders uses redis-hygiene.');

  const observer = observe(url);
  try {
    const rows = await watchGrowth(observer);
    heading('CLIENT LIST:');
    clientList(rows);
    heading('Connections by name:');
    owners(rows);
    const named = ofOrders(rows).length;
    const isClean = await stopOrders(orders, observer);
    say(
      'The connections of cart and search stay until those processes end, and no row says which service holds them.',
    );
    return named === 2 && isClean;
  } finally {
    observer.close();
  }
}

const services: Service[] = [];
say('Looking for a Redis server:');
const server = await startRedis({ onStep: (step) => say(`  ${step}`) });
say(`Redis ${server.version} (${server.source}) on ${server.host}:${server.port}`);
try {
  process.exitCode = (await runDemo(server.url, services)) ? 0 : 1;
} finally {
  await Promise.all(services.map(killService));
  await server.stop();
}
