import { vi } from 'vitest';
import {
  createOrphans,
  type OrphanFacts,
  type OrphanPorts,
  type OrphanReport,
  type Orphans,
  type Reaper,
} from '../../../../src/liveness/orphans.js';
import type { ServerSideIdentity } from '../../../../src/liveness/server-side-identity.js';
import { createFakeClock, type FakeClock } from '../fake-clock.js';
import { createFakeServer, type FakeServer } from './fake-server.js';

export const facts: OrphanFacts = { name: 'orders@web-1', role: 'command', target: 'redis://h:6379' };

/** Ends of the socket as this process sees them. They differ from what the server sees, as behind NAT. */
const ends = { local: '192.168.0.1:40000', remote: '10.0.0.2:6379' };

export function identityOf(clientId: number, runId: string | undefined = 'a1'): ServerSideIdentity {
  return {
    runId,
    clientId,
    name: 'orders@web-1',
    address: `10.0.0.1:${50_000 + clientId}`,
    user: 'default',
    serverEnd: '10.0.0.2:6379',
  };
}

/** No connection is open but the reaper's, whose id is the same in all tests, and no socket has the ends of an orphan. */
export const quietPorts: Pick<OrphanPorts, 'livingIdentities' | 'findLivingSockets'> = {
  livingIdentities: { add: () => undefined, remove: () => undefined, mayBeInUse: () => false },
  findLivingSockets: (pairs) => Promise.resolve(pairs.map(() => false)),
};

export interface OrphansHarness {
  readonly orphans: Orphans;
  readonly clock: FakeClock;
  readonly server: FakeServer;
  /** Outcomes that were reported: `reaped 7`. */
  readonly outcomes: readonly string[];
  readonly reports: readonly OrphanReport[];
  /** Loses a connection of this client, whose half on the server stays open. */
  readonly lose: (owner: object, clientId: number, own?: Partial<OrphanFacts>) => void;
  /** Opens a connection, which reaps. */
  readonly reap: (owner: object, own?: Partial<Reaper>) => Promise<void>;
}

export function createOrphansHarness(own: Partial<OrphanPorts> = {}): OrphansHarness {
  const clock = createFakeClock();
  const server = createFakeServer();
  const reports: OrphanReport[] = [];
  const outcomes: string[] = [];
  const onOrphan = vi.fn((report: OrphanReport) => {
    reports.push(report);
    outcomes.push(`${report.outcome} ${report.clientId}`);
  });
  const orphans = createOrphans({ clock, onOrphan, ...quietPorts, ...own });
  return {
    orphans,
    clock,
    server,
    outcomes,
    reports,
    lose(owner, clientId, own) {
      const lost = identityOf(clientId, server.runId);
      server.connect(clientId, lost.name ?? '', lost.address ?? '');
      orphans.add({ owner, facts: { ...facts, ...own }, identity: lost, ends: undefined });
    },
    reap: (owner, own) =>
      orphans.reap({
        owner,
        facts,
        identity: identityOf(99, server.runId),
        ends: () => ends,
        ask: server.ask,
        ...own,
      }),
  };
}
