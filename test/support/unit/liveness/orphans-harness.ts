import { vi } from 'vitest';
import {
  createOrphans,
  type OrphanFacts,
  type OrphanReport,
  type Orphans,
  type Reaper,
} from '../../../../src/liveness/orphans.js';
import type { ServerSideIdentity } from '../../../../src/liveness/server-side-identity.js';
import { createFakeClock, type FakeClock } from '../fake-clock.js';
import { createFakeServer, type FakeServer } from './fake-server.js';

export const facts: OrphanFacts = { name: 'orders@web-1', role: 'command', target: 'redis://h:6379' };

/** Our own ends, as this process sees them: behind NAT here, so strays are out of reach. */
const ends = { local: '192.168.0.1:40000', remote: '10.0.0.2:6379' };

export function passport(clientId: number, runId: string | undefined = 'a1'): ServerSideIdentity {
  return {
    runId,
    clientId,
    name: 'orders@web-1',
    address: `10.0.0.1:${50_000 + clientId}`,
    user: 'default',
    serverEnd: '10.0.0.2:6379',
  };
}

export interface OrphansBench {
  readonly orphans: Orphans;
  readonly clock: FakeClock;
  readonly server: FakeServer;
  /** What became of them: `reaped 7`. */
  readonly fates: readonly string[];
  readonly reports: readonly OrphanReport[];
  /** A connection of this client is lost, and its server's half lives on. */
  readonly lose: (owner: object, clientId: number, own?: Partial<OrphanFacts>) => void;
  /** A connection comes up and reaps. */
  readonly reap: (owner: object, own?: Partial<Reaper>) => Promise<void>;
}

export function createOrphansBench(): OrphansBench {
  const clock = createFakeClock();
  const server = createFakeServer();
  const reports: OrphanReport[] = [];
  const fates: string[] = [];
  const onOrphan = vi.fn((report: OrphanReport) => {
    reports.push(report);
    fates.push(`${report.outcome} ${report.clientId}`);
  });
  const orphans = createOrphans({ clock, onOrphan });
  return {
    orphans,
    clock,
    server,
    fates,
    reports,
    lose(owner, clientId, own) {
      const lost = passport(clientId, server.runId);
      server.connect(clientId, lost.name ?? '', lost.address ?? '');
      orphans.add({ owner, facts: { ...facts, ...own }, passport: lost, ends: undefined });
    },
    reap: (owner, own) =>
      orphans.reap({
        owner,
        facts,
        passport: passport(99, server.runId),
        ends: () => ends,
        ask: server.ask,
        ...own,
      }),
  };
}
