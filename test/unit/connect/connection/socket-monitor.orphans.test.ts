import { describe, expect, test, vi } from 'vitest';
import { ManagedConnection } from '../../../../src/connect/connection/managed-connection.js';
import { createHealthCheckScheduler } from '../../../../src/liveness/health-check-scheduler.js';
import { createOrphans } from '../../../../src/liveness/orphans.js';
import type { Ask } from '../../../../src/liveness/server-side-identity.js';
import { FakeSocket } from '../../../support/unit/connect/fake-socket.js';
import { createOwner } from '../../../support/unit/connect/managed-connection-harness.js';
import { createFakeClock } from '../../../support/unit/fake-clock.js';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { pace } from '../../../support/unit/liveness/health-check-harness.js';
import { passport } from '../../../support/unit/liveness/orphans-harness.js';
import { createRoomyLedger } from '../../../support/unit/ledger/roomy-ledger.js';

/** One client of ours: it connects, and says what it asks the server about when it is introduced. */
interface Client {
  readonly link: ManagedConnection;
  connect(): FakeSocket;
  introduced(clientId: number): Promise<readonly string[]>;
}

/** Clients of one factory. */
function createClients(): () => Client {
  const clock = createFakeClock();
  const ports = {
    ledger: createRoomyLedger({ clock, onMove: () => undefined }),
    heartbeat: createHealthCheckScheduler({ clock, kernel: () => Promise.resolve([]) }),
    orphans: createOrphans({ clock, onOrphan: () => undefined }),
    settings: pace,
    onFailure: vi.fn(),
    onStale: vi.fn(),
    onStalled: vi.fn(),
    onRecovered: vi.fn(),
    onOverride: vi.fn(),
  };
  return () => {
    const link = new ManagedConnection(facts, 15_000, ports);
    link.adopt(createOwner());
    return {
      link,
      connect() {
        const socket = new FakeSocket();
        link.dialling();
        link.attach(socket.asSocket());
        socket.up();
        return socket;
      },
      async introduced(clientId) {
        const ask = vi.fn<Ask>(() => Promise.resolve(''));
        await link.vitals?.introduced(passport(clientId), ask);
        return ask.mock.calls.map((words) => words.join(' '));
      },
    };
  };
}

describe('what a socket leaves on the server', () => {
  test('is an orphan, which the same client’s next connection asks for', async () => {
    const client = createClients()();
    const socket = client.connect();
    await client.introduced(7);
    socket.gone(new Error('cut'));
    client.connect();
    expect(await client.introduced(8)).toEqual(['client list ID 7']);
  });

  test('is one orphan for each cut', async () => {
    const client = createClients()();
    for (const id of [7, 8]) {
      const socket = client.connect();
      const reaping = client.introduced(id);
      socket.gone(new Error('cut'));
      await reaping;
    }
    client.connect();
    expect(await client.introduced(9)).toEqual(['client list ID 8']); // 7 was known to be gone by then
  });

  test('is nothing where the server has closed it', async () => {
    const client = createClients()();
    const socket = client.connect();
    await client.introduced(7);
    socket.readableEnded = true;
    socket.gone();
    client.connect();
    expect(await client.introduced(8)).toEqual([]);
  });

  test('is not known where it broke before the server had introduced it', async () => {
    const client = createClients()();
    client.connect().gone(new Error('cut'));
    client.connect();
    expect(await client.introduced(8)).toEqual([]);
  });

  test('is told by the passport of that socket, not by a late one of an older', async () => {
    const client = createClients()();
    const first = client.connect();
    const { vitals: older } = client.link;
    first.gone();
    const second = client.connect();
    await older?.introduced(passport(7), () => Promise.resolve(''));
    await client.introduced(8);
    second.gone();
    client.connect();
    expect(await client.introduced(9)).toEqual(['client list ID 8']);
  });

  test('is left to its client while that goes on, and free for any other once it has ended', async () => {
    const open = createClients();
    const [one, other] = [open(), open()];
    const socket = one.connect();
    await one.introduced(7);
    socket.gone(new Error('cut'));
    other.connect();
    expect(await other.introduced(8)).toEqual([]);
    one.link.ended();
    expect(await other.introduced(8)).toEqual(['client list ID 7']);
  });

  test('is free at once where the application has closed its client', async () => {
    const open = createClients();
    const [one, other] = [open(), open()];
    const owner = createOwner();
    owner.isClosing.mockReturnValue(true);
    one.link.adopt(owner);
    const socket = one.connect();
    await one.introduced(7);
    socket.gone();
    other.connect();
    expect(await other.introduced(8)).toEqual(['client list ID 7']);
  });
});
