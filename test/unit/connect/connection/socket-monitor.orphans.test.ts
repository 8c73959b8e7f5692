import { describe, expect, test, vi } from 'vitest';
import { ManagedConnection } from '../../../../src/connect/connection/managed-connection.js';
import { createHealthCheckScheduler } from '../../../../src/liveness/health-check-scheduler.js';
import { createLivingIdentities } from '../../../../src/liveness/living-identities.js';
import { createOrphans } from '../../../../src/liveness/orphans.js';
import type { AskServer } from '../../../../src/liveness/server-side-identity.js';
import { FakeSocket } from '../../../support/unit/connect/fake-socket.js';
import { createOwner } from '../../../support/unit/connect/managed-connection-harness.js';
import { createFakeClock } from '../../../support/unit/fake-clock.js';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { defaultSettings } from '../../../support/unit/liveness/health-check-harness.js';
import { identityOf, quietPorts } from '../../../support/unit/liveness/orphans-harness.js';
import { createRoomyLedger } from '../../../support/unit/ledger/roomy-ledger.js';

/** A client of ours. `identify` returns the commands that it sends to the server once its id is known. */
interface Client {
  readonly connection: ManagedConnection;
  connect(): FakeSocket;
  identify(clientId: number): Promise<readonly string[]>;
}

/** Clients of one factory. */
function createClients(): () => Client {
  const clock = createFakeClock();
  const ports = {
    ledger: createRoomyLedger({ clock, onMove: () => undefined }),
    healthChecks: createHealthCheckScheduler({ clock, readTcpStates: () => Promise.resolve([]) }),
    orphans: createOrphans({
      ...{ clock, onOrphan: () => undefined, ...quietPorts },
      livingIdentities: createLivingIdentities(),
    }),
    settings: defaultSettings,
    onFailure: vi.fn(),
    onStale: vi.fn(),
    onStalled: vi.fn(),
    onRecovered: vi.fn(),
    onOverride: vi.fn(),
  };
  return () => {
    const connection = new ManagedConnection(facts, 15_000, ports);
    connection.adopt(createOwner());
    return {
      connection,
      connect() {
        const socket = new FakeSocket();
        connection.onDialStarted();
        connection.attachSocket(socket.asSocket());
        socket.up();
        return socket;
      },
      async identify(clientId) {
        const ask = vi.fn<AskServer>(() => Promise.resolve(''));
        await connection.monitor?.onIdentified(identityOf(clientId), ask);
        return ask.mock.calls.map((words) => words.join(' '));
      },
    };
  };
}

describe('a lost socket', () => {
  test('leaves an orphan, which the next connection of the same client looks up', async () => {
    const client = createClients()();
    const socket = client.connect();
    await client.identify(7);
    socket.gone(new Error('cut'));
    client.connect();
    expect(await client.identify(8)).toEqual(['client list ID 7']);
  });

  test('leaves one orphan for each loss', async () => {
    const client = createClients()();
    for (const id of [7, 8]) {
      const socket = client.connect();
      const reaping = client.identify(id);
      socket.gone(new Error('cut'));
      await reaping;
    }
    client.connect();
    expect(await client.identify(9)).toEqual(['client list ID 8']); // the reap of 7 was over by then
  });

  test('leaves no orphan when the server has closed it', async () => {
    const client = createClients()();
    const socket = client.connect();
    await client.identify(7);
    socket.readableEnded = true;
    socket.gone();
    client.connect();
    expect(await client.identify(8)).toEqual([]);
  });

  test('leaves no orphan when it broke before the server had told its identity', async () => {
    const client = createClients()();
    client.connect().gone(new Error('cut'));
    client.connect();
    expect(await client.identify(8)).toEqual([]);
  });

  test('leaves an orphan with its own identity, not with that of an older socket', async () => {
    const client = createClients()();
    const first = client.connect();
    const { monitor: older } = client.connection;
    first.gone();
    const second = client.connect();
    await older?.onIdentified(identityOf(7), () => Promise.resolve(''));
    await client.identify(8);
    second.gone();
    client.connect();
    expect(await client.identify(9)).toEqual(['client list ID 8']);
  });

  test('leaves its orphan to its client while the client lives, and to any client after that', async () => {
    const open = createClients();
    const [one, other] = [open(), open()];
    const socket = one.connect();
    await one.identify(7);
    socket.gone(new Error('cut'));
    other.connect();
    expect(await other.identify(8)).toEqual([]);
    one.connection.onEnded();
    expect(await other.identify(8)).toEqual(['client list ID 7']);
  });

  test('leaves its orphan to any client at once when the application has closed its client', async () => {
    const open = createClients();
    const [one, other] = [open(), open()];
    const owner = createOwner();
    owner.isClosing.mockReturnValue(true);
    one.connection.adopt(owner);
    const socket = one.connect();
    await one.identify(7);
    socket.gone();
    other.connect();
    expect(await other.identify(8)).toEqual(['client list ID 7']);
  });
});
