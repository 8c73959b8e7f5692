import { setSysctl } from '../../test/faults/rig/network.js';
import { createRig, type Rig } from '../../test/faults/rig/rig.js';
import type { Tools } from '../../test/faults/rig/tools.js';
import { readRow, type Row } from '../demo/client-list.js';
import { startService, type Service } from './service.js';
import { lapse } from './time-lapse.js';

const SENTINELS = 3;

/** A master, its sentinels, a firewall in front of them, and the two services behind it. */
export interface Stage extends AsyncDisposable {
  /** Raw ioredis. */
  readonly cart: Service;
  /** Ours. */
  readonly orders: Service;
  readonly version: string;
  /** CLIENT LIST of each sentinel, by whose connection it is. Rows of the sentinels' own are left out. */
  rows(): Promise<readonly SentinelRows[]>;
  /** Makes the firewall forget these sessions now. */
  forget(rows: readonly Row[]): Promise<void>;
}

/** What one sentinel has. Whose a row is does not depend on its name: what cart did not open is charged to orders. */
export interface SentinelRows {
  readonly cart: readonly Row[];
  readonly orders: readonly Row[];
}

/** Builds it. Whoever built it disposes of it. @throws Error, and then nothing is left */
export async function setStage(tools: Tools): Promise<Stage> {
  const rig = await createRig(tools);
  try {
    return await furnish(tools, rig);
  } catch (error) {
    await rig.remove();
    throw error;
  }
}

async function furnish(tools: Tools, rig: Rig): Promise<Stage> {
  const { client } = rig.namespaces;
  const master = await rig.redis();
  const servers = await Promise.all(Array.from({ length: SENTINELS }, () => rig.sentinel(master)));
  const sentinels = servers.map(({ host, port }) => ({ host, port }));
  for (const [name, seconds] of Object.entries(lapse.keepalive)) {
    await setSysctl(tools, client, `net/ipv4/${name}`, seconds);
  }
  await rig.forgetIdle(lapse.idleLimitS);
  const cart = startService(tools, client, 'cart.mjs', { sentinels, pauseMs: lapse.pauseMs });
  const orders = startService(tools, client, 'orders.mjs', { sentinels, heartbeat: lapse.heartbeat });

  async function rowsOf(port: number): Promise<SentinelRows> {
    const list = String(await rig.observer.call(port, 'client', 'LIST'));
    const rows = list.trim().split('\n').map(readRow).filter(isFromClient).sort(byId);
    const ofCart = new Set(
      cart.told('opened').flatMap((one) => (one.port === port ? [addressOf(one.localPort)] : [])),
    );
    return {
      cart: rows.filter(({ addr = '' }) => ofCart.has(addr)),
      orders: rows.filter(({ addr = '' }) => !ofCart.has(addr)),
    };
  }
  const addressOf = (port: number) => `${rig.network.client.v4}:${port}`;
  const isFromClient = ({ addr = '' }: Row) => addr.startsWith(`${rig.network.client.v4}:`);

  return {
    cart,
    orders,
    version: await versionOf(rig, master.port),
    rows: () => Promise.all(servers.map(({ port }) => rowsOf(port))),
    forget: async (rows) => void (await rig.cut(rows.map(flowOf))),
    async [Symbol.asyncDispose]() {
      await Promise.all([cart, orders].map((service) => service[Symbol.asyncDispose]()));
      await rig.remove();
    },
  };
}

function byId(one: Row, other: Row): number {
  return Number(one['id']) - Number(other['id']);
}

async function versionOf(rig: Rig, port: number): Promise<string> {
  const info = String(await rig.observer.call(port, 'info', 'server'));
  return /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'of unknown version';
}

function flowOf({ addr = '', laddr = '' }: Row) {
  return { client: endpoint(addr), server: endpoint(laddr) };
}

function endpoint(text: string) {
  const [address = '', port] = text.split(':');
  return { address, port: Number(port) };
}
