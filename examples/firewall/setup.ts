import { setSysctl } from '../../test/faults/rig/network.js';
import { createRig, type Rig } from '../../test/faults/rig/rig.js';
import type { Tools } from '../../test/faults/rig/tools.js';
import { readRow, type Row } from '../demo/client-list.js';
import { startService, type Service } from './service.js';
import { timeLapse } from './time-lapse.js';

const SENTINELS = 3;

/** A master, its sentinels, and two services that reach them through a firewall. */
export interface ReplaySetup extends AsyncDisposable {
  /** The service with raw ioredis. */
  readonly cart: Service;
  /** The service with redis-hygiene. */
  readonly orders: Service;
  readonly version: string;
  /** CLIENT LIST of each sentinel, split by service. Connections between the servers are left out. */
  rows(): Promise<readonly SentinelRows[]>;
  /** Makes the firewall forget these sessions now. */
  forget(rows: readonly Row[]): Promise<void>;
}

/** Rows of one sentinel. A row belongs to cart if cart has opened the connection, and otherwise to orders, whatever its name. */
export interface SentinelRows {
  readonly cart: readonly Row[];
  readonly orders: readonly Row[];
}

/** Starts servers and services. The caller disposes of them. @throws Error after everything has been removed */
export async function startSetup(tools: Tools): Promise<ReplaySetup> {
  const rig = await createRig(tools);
  try {
    return await startServers(tools, rig);
  } catch (error) {
    await rig.remove();
    throw error;
  }
}

async function startServers(tools: Tools, rig: Rig): Promise<ReplaySetup> {
  const { client } = rig.namespaces;
  const master = await rig.redis();
  const servers = await Promise.all(Array.from({ length: SENTINELS }, () => rig.sentinel(master)));
  const sentinels = servers.map(({ host, port }) => ({ host, port }));
  for (const [name, seconds] of Object.entries(timeLapse.keepalive)) {
    await setSysctl(tools, client, `net/ipv4/${name}`, seconds);
  }
  await rig.forgetIdle(timeLapse.idleLimitS);
  const cart = startService(tools, client, 'cart.mjs', { sentinels, pauseMs: timeLapse.pauseMs });
  const orders = startService(tools, client, 'orders.mjs', { sentinels, heartbeat: timeLapse.heartbeat });

  async function rowsOf(port: number): Promise<SentinelRows> {
    const list = String(await rig.observer.call(port, 'client', 'LIST'));
    const rows = list.trim().split('\n').map(readRow).filter(isFromClient).sort(byId);
    const ofCart = new Set(
      cart.reports('opened').flatMap((opened) => (opened.port === port ? [addressOf(opened.localPort)] : [])),
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
