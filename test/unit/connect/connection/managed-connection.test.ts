import { describe, expect, test } from 'vitest';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { FakeSocket, FakeTlsSocket } from '../../../support/unit/connect/fake-socket.js';
import {
  createConnectionHarness,
  createOwner,
  type ConnectionHarness,
} from '../../../support/unit/connect/managed-connection-harness.js';

/** A connection that a client of ours has adopted. */
function createOwnedConnection(): ConnectionHarness & { readonly owner: ReturnType<typeof createOwner> } {
  const harness = createConnectionHarness();
  const owner = createOwner();
  harness.connection.adopt(owner);
  return { ...harness, owner };
}

describe('a managed connection', () => {
  test('has no entry in the ledger before the first dial', () => {
    const { connection, ledger } = createConnectionHarness();
    expect(connection.entry).toBeUndefined();
    expect(ledger.entries()).toEqual([]);
    connection.onDialStarted();
    expect(ledger.entries()).toEqual([connection.entry]);
    expect(connection.entry?.facts).toBe(facts);
  });

  test('keeps one entry while it connects, loses its socket and reconnects', () => {
    const { connection, dial, moves } = createOwnedConnection();
    const socket = dial();
    const { entry } = connection;
    socket.up();
    connection.onReady();
    socket.gone();
    dial().up();
    expect(moves).toEqual(['connecting', 'connected', 'ready', 'reconnecting', 'connecting', 'connected']);
    expect(connection.entry).toBe(entry);
  });

  test('counts as connected when TLS is up, not TCP, if it is encrypted', () => {
    const { dial, moves } = createOwnedConnection();
    const socket = dial(new FakeTlsSocket());
    socket.up();
    expect(moves).toEqual(['connecting']);
    socket.up(50_000, 'secureConnect');
    expect(moves).toEqual(['connecting', 'connected']);
  });

  test('becomes ready only from connected on: a late call changes nothing', () => {
    const { connection, dial, moves } = createOwnedConnection();
    connection.onReady();
    const socket = dial();
    connection.onReady();
    socket.up();
    connection.onReady();
    connection.onReady();
    socket.gone();
    connection.onReady();
    expect(moves).toEqual(['connecting', 'connected', 'ready', 'reconnecting']);
  });

  test('passes on the id that the server has told', () => {
    const { connection, dial } = createOwnedConnection();
    expect(() => connection.onIdentified(6)).not.toThrow();
    dial().up();
    connection.onIdentified(7);
    expect(connection.entry?.info().clientId).toBe(7);
  });
});

describe('a connection of our client whose socket is gone', () => {
  test('is reconnecting', () => {
    const { dial, moves } = createOwnedConnection();
    dial().gone();
    expect(moves).toEqual(['connecting', 'reconnecting']);
  });

  test('is reconnecting also when the connector could not make a socket', () => {
    const { connection, moves } = createOwnedConnection();
    connection.onDialStarted();
    connection.onSocketLost();
    expect(moves).toEqual(['connecting', 'reconnecting']);
  });

  test('is closed by the application when quit() or disconnect() was called', () => {
    const { connection, dial, moves, ledger, owner } = createOwnedConnection();
    const socket = dial();
    socket.up();
    owner.isClosing.mockReturnValue(true);
    socket.gone();
    expect(moves).toEqual(['connecting', 'connected', 'closed: application']);
    expect(ledger.entries()).toEqual([]);
    expect(connection.entry).toBeUndefined();
  });

  test('has given up when the client ends', () => {
    const { connection, dial, moves } = createOwnedConnection();
    dial().gone();
    connection.onEnded();
    connection.onEnded();
    expect(moves).toEqual(['connecting', 'reconnecting', 'closed: gave-up']);
  });

  test('gets a new entry when the client dials again after its end', () => {
    const { connection, dial } = createOwnedConnection();
    dial().gone();
    const first = connection.entry;
    connection.onEnded();
    dial();
    expect(connection.entry).not.toBe(first);
    expect(connection.entry?.info().dials).toBe(1);
  });
});

describe('a client of ours that is told to disconnect while it is reconnecting', () => {
  test('is closed by the application when no redial is scheduled', () => {
    const { connection, dial, moves, owner } = createOwnedConnection();
    dial().gone();
    owner.willRedial.mockReturnValue(false);
    connection.onDisconnecting();
    expect(moves).toEqual(['connecting', 'reconnecting', 'closed: application']);
  });

  test('stays reconnecting when a redial is scheduled: ioredis disconnects its connector before each dial', () => {
    const { connection, dial, moves } = createOwnedConnection();
    dial().gone();
    connection.onDisconnecting();
    expect(moves).toEqual(['connecting', 'reconnecting']);
  });

  test('closes later, with its socket, if it has one', () => {
    const { connection, dial, moves, owner } = createOwnedConnection();
    owner.willRedial.mockReturnValue(false);
    dial().up();
    connection.onDisconnecting();
    expect(moves).toEqual(['connecting', 'connected']);
    connection.onEnded();
    expect(moves.at(-1)).toBe('closed: gave-up');
  });
});

describe('a connection of a library', () => {
  test('is lost with its socket: it is unknown whether the client dials again', () => {
    const { connection, dial, moves } = createConnectionHarness();
    const socket = dial();
    socket.up();
    socket.gone();
    expect(moves).toEqual(['connecting', 'connected', 'closed: lost']);
    expect(connection.entry).toBeUndefined();
  });

  test('gets a new entry when the client dials again', () => {
    const { dial, moves, ledger } = createConnectionHarness();
    dial().gone();
    dial();
    expect(moves).toEqual(['connecting', 'closed: lost', 'connecting']);
    expect(ledger.entries()).toHaveLength(1);
  });

  test('is closed by the application when its connector was told to disconnect', () => {
    const { connection, dial, moves } = createConnectionHarness();
    const socket = dial();
    socket.up();
    connection.onDisconnecting();
    socket.gone();
    expect(moves.at(-1)).toBe('closed: application');
  });

  test('is lost when the connector could not make a socket', () => {
    const { connection, moves } = createConnectionHarness();
    connection.onDialStarted();
    connection.onSocketLost();
    expect(moves).toEqual(['connecting', 'closed: lost']);
  });
});

describe('a socket of an earlier dial', () => {
  test('that closes late does not end the present connection', () => {
    const { connection, dial, moves, onFailure } = createOwnedConnection();
    const old = dial();
    connection.onSocketLost();
    dial().up();
    old.gone(new Error('late'));
    expect(moves).toEqual(['connecting', 'reconnecting', 'connecting', 'connected']);
    expect(onFailure).not.toHaveBeenCalled();
  });

  test('that connects late does not count for the present dial', () => {
    const { connection, dial, moves } = createOwnedConnection();
    const old = dial();
    connection.onSocketLost();
    const present = dial(new FakeSocket());
    old.up(50_001);
    expect(moves).toEqual(['connecting', 'reconnecting', 'connecting']);
    present.up(50_002);
    expect(connection.entry?.info()).toMatchObject({ state: 'connected', localPort: 50_002 });
  });
});
