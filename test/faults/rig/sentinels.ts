import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';
import type { Row } from './flow.js';
import type { Rig } from './rig.js';
import type { FaultServer } from './server.js';

/** A master, a replica and three sentinels of one scenario. */
export interface Watched {
  readonly master: FaultServer;
  readonly replica: FaultServer;
  readonly sentinels: readonly FaultServer[];
  /** Options with which a client finds the master. */
  readonly options: object;
}

const SENTINELS = 3;
const READY_MS = 30_000;
const SETTINGS = { 'down-after-milliseconds': 2_000, 'failover-timeout': 10_000 };

/** Starts the servers and waits until all sentinels know each other and the replica. The rig ends the servers. */
export async function startWatched(rig: Rig): Promise<Watched> {
  const master = await rig.redis();
  const { host, port } = master;
  const replica = await rig.redis('--replicaof', host, String(port), '--repl-diskless-sync-delay', '0');
  const inSync = async () =>
    expect(await rig.observer.call(replica.port, 'call', 'ROLE')).toContain('connected');
  await eventually(inSync, READY_MS);
  const sentinels: FaultServer[] = [];
  while (sentinels.length < SENTINELS) sentinels.push(await rig.sentinel(master, SETTINGS));
  await eventually(async () => {
    for (const sentinel of sentinels) {
      expect(await countKnown(rig, sentinel, 'replicas')).toBe(1);
      expect(await countKnown(rig, sentinel, 'sentinels')).toBe(SENTINELS - 1);
    }
  }, READY_MS);
  const addresses = sentinels.map((sentinel) => ({ host: sentinel.host, port: sentinel.port }));
  return { master, replica, sentinels, options: { sentinels: addresses, name: 'mymaster' } };
}

async function countKnown({ observer }: Rig, { port }: FaultServer, kind: string): Promise<number> {
  return ((await observer.call(port, 'sentinel', kind, 'mymaster')) as unknown[]).length;
}

/** Rows of the clients on each of these servers. */
export async function rowsOn({ observer }: Rig, servers: readonly FaultServer[]): Promise<Row[][]> {
  return Promise.all(servers.map(({ port }) => observer.rows(port)));
}

/** Time at which a sentinel first names this server as the master. @throws Error after 30 s */
export async function promoted({ observer }: Rig, watched: Watched, { port }: FaultServer): Promise<number> {
  const ask = async (sentinel: FaultServer) =>
    (await observer.call(sentinel.port, 'sentinel', 'get-master-addr-by-name', 'mymaster')) as string[];
  await eventually(async () => {
    const named = await Promise.all(watched.sentinels.map(ask));
    expect(named.map(([, own]) => own)).toContain(String(port));
  }, READY_MS);
  return Date.now();
}
