import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ServerSideIdentity } from '../../../src/liveness/server-side-identity.js';
import { reapIdentified } from '../../../src/liveness/reap-orphans.js';
import { createFakeServer, rowOf } from '../../support/unit/liveness/fake-server.js';

const lost: ServerSideIdentity = {
  runId: 'a1',
  clientId: 7,
  name: 'x',
  address: 'h:1',
  serverEnd: 'r:1',
  user: 'default',
};

test('no client is ever killed whose row differs in name or address', async () => {
  const anyName = fc.constantFrom('', 'orders@web-1', 'orders@web-2', 'a=b');
  const anyAddress = fc.constantFrom('10.0.0.1:1', '10.0.0.1:2', '[::1]:1', '/tmp/s:0');
  const anyId = fc.integer({ min: 1, max: 12 });
  const anyRow = fc.oneof(
    { weight: 4, arbitrary: fc.constant(rowOf) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        (id: number) => `id=${id}`,
        (id: number) => `id=${id} addr= name=`,
      ),
    },
  );
  const anyClient = fc.record({ clientId: anyId, name: anyName, address: anyAddress, row: anyRow });
  const anyOrphan = fc.record({ clientId: anyId, name: anyName, address: anyAddress });
  const byId = { selector: ({ clientId }: { clientId: number }) => clientId };
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyClient, byId),
      fc.uniqueArray(anyOrphan, { ...byId, minLength: 1 }),
      async (clients, orphans) => {
        const server = createFakeServer();
        for (const { clientId, name, address, row } of clients)
          server.rows.set(clientId, row(clientId, name, address));
        const ours = orphans.filter((orphan) =>
          clients.some(
            ({ clientId, name, address, row }) =>
              row === rowOf &&
              clientId === orphan.clientId &&
              name === orphan.name &&
              address === orphan.address,
          ),
        );
        await reapIdentified(
          server.ask,
          orphans.map((orphan) => ({ ...lost, ...orphan })),
          { mayBeInUse: () => false },
        );
        expect([...server.killed].sort()).toEqual(ours.map(({ clientId }) => clientId).sort());
      },
    ),
    { numRuns: 300 },
  );
});
