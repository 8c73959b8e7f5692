import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';
import type { Contestant, ContestantName } from '../rig/contestant.js';
import type { Row } from '../rig/flow.js';
import { withRarePorts, type Side } from '../rig/network.js';
import type { Rig } from '../rig/rig.js';
import type { FaultServer } from '../rig/server.js';
import { idsLeft } from './orphans.js';
import { openPopulation, rowsOfFactory, total } from './population.js';

/** Connections of each service. */
const CUT = { command: 20, pool: 20, subscriber: 20, blocking: 20 };

/** Longer than a service takes to find its connections cut, and to reap what the server has kept. */
const REAPED_MS = 90_000;

/** Services that live on while their connections are cut, and one that has the same name and is not cut. */
export interface Survivors {
  /** Number of all connections that are cut. */
  readonly total: number;
  /**
   * Cuts them, and waits until their services have closed what the server has kept. Resolves with the number of these
   * orphans, and of the connections of the other service that are gone.
   */
  cut(): Promise<{ readonly closed: number; readonly neighbours: number }>;
}

interface Survivor {
  readonly contestant: Contestant;
  readonly rows: readonly Row[];
  /** Address of the service, which the server does not see behind NAT. */
  readonly address: string;
}

/** Opens the connections of a service for each major of ioredis, and of two pods with one name behind NAT. */
export async function openSurvivors(
  rig: Rig,
  server: FaultServer,
  [pod, neighbour]: readonly [Side, Side],
): Promise<Survivors> {
  const client = { namespace: rig.namespaces.client, address: rig.network.client.v4 };
  const open = (who: ContestantName, side: Side, factory: string) =>
    openSurvivor(rig, server, who, side, factory);
  const cut = [
    await open('ours5', client, 'survivor-5'),
    await open('ours6', client, 'survivor-6'),
    await open('ours6', pod, 'survivor-pod'),
  ];
  const other = await open('ours6', neighbour, 'survivor-pod');
  return {
    total: cut.length * total(CUT),
    async cut() {
      for (const { rows, address } of cut) {
        const flows = rows.map(({ flow }) => ({ ...flow, client: { ...flow.client, address } }));
        await rig.cut(flows);
      }
      const closed = await Promise.all(cut.map((one) => countReaped(rig, server, one)));
      const kept = await idsLeft(rig, server, idsOf(other));
      const neighbours = total(CUT) - kept.length;
      return { closed: closed.reduce((sum, count) => sum + count, 0), neighbours };
    },
  };
}

async function openSurvivor(
  rig: Rig,
  server: FaultServer,
  who: ContestantName,
  { namespace, address }: Side,
  factory: string,
): Promise<Survivor> {
  const before = new Set((await rowsOfFactory(rig, server, factory)).map(({ id }) => id));
  const contestant = await rig.contestant(who, { [factory]: {} }, namespace);
  await withRarePorts(rig.tools, namespace, () => openPopulation(rig, contestant, server, CUT, factory));
  const rows = (await rowsOfFactory(rig, server, factory)).filter(({ id }) => !before.has(id));
  return { contestant, rows, address };
}

/** Waits until the server has none of the connections any more. Resolves with the number that the service has reaped. */
async function countReaped(rig: Rig, server: FaultServer, survivor: Survivor): Promise<number> {
  const gone = async () => expect(await idsLeft(rig, server, idsOf(survivor))).toEqual([]);
  await eventually(gone, REAPED_MS).catch(() => undefined);
  const orphans = survivor.contestant.since(0, 'orphan');
  return orphans.filter(({ detail }) => detail?.['outcome'] === 'reaped').length;
}

function idsOf({ rows }: Survivor): number[] {
  return rows.map(({ id }) => id);
}
