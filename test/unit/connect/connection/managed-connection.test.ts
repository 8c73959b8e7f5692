import { describe, expect, test } from 'vitest';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { FakeSocket, FakeTlsSocket } from '../../../support/unit/connect/fake-socket.js';
import {
  createLinkBench,
  createOwner,
  type LinkBench,
} from '../../../support/unit/connect/managed-connection-harness.js';

/** A link whose client is ours. */
function owned(): LinkBench & { readonly owner: ReturnType<typeof createOwner> } {
  const bench = createLinkBench();
  const owner = createOwner();
  bench.link.adopt(owner);
  return { ...bench, owner };
}

describe('a link', () => {
  test('has no entry in the ledger before the first dial', () => {
    const { link, ledger } = createLinkBench();
    expect(link.entry).toBeUndefined();
    expect(ledger.entries()).toEqual([]);
    link.dialling();
    expect(ledger.entries()).toEqual([link.entry]);
    expect(link.entry?.facts).toBe(facts);
  });

  test('follows a connection up and down again, in one entry', () => {
    const { link, dial, moves } = owned();
    const socket = dial();
    const { entry } = link;
    socket.up();
    link.ready();
    socket.gone();
    dial().up();
    expect(moves).toEqual(['connecting', 'connected', 'ready', 'reconnecting', 'connecting', 'connected']);
    expect(link.entry).toBe(entry);
  });

  test('counts an encrypted connection as connected when TLS is up, not TCP', () => {
    const { dial, moves } = owned();
    const socket = dial(new FakeTlsSocket());
    socket.up();
    expect(moves).toEqual(['connecting']);
    socket.up(50_000, 'secureConnect');
    expect(moves).toEqual(['connecting', 'connected']);
  });

  test('is ready only from connected on: a late word of the client changes nothing', () => {
    const { link, dial, moves } = owned();
    link.ready();
    const socket = dial();
    link.ready();
    socket.up();
    link.ready();
    link.ready();
    socket.gone();
    link.ready();
    expect(moves).toEqual(['connecting', 'connected', 'ready', 'reconnecting']);
  });

  test('passes on the id that the server gave', () => {
    const { link, dial } = owned();
    expect(() => link.identified(6)).not.toThrow();
    dial().up();
    link.identified(7);
    expect(link.entry?.info().clientId).toBe(7);
  });
});

describe('a connection of ours whose socket is gone', () => {
  test('waits to be dialled again', () => {
    const { dial, moves } = owned();
    dial().gone();
    expect(moves).toEqual(['connecting', 'reconnecting']);
  });

  test('waits also where the connector could not even make a socket', () => {
    const { link, moves } = owned();
    link.dialling();
    link.detached();
    expect(moves).toEqual(['connecting', 'reconnecting']);
  });

  test('is closed by the application where quit() or disconnect() was called', () => {
    const { link, dial, moves, ledger, owner } = owned();
    const socket = dial();
    socket.up();
    owner.isClosing.mockReturnValue(true);
    socket.gone();
    expect(moves).toEqual(['connecting', 'connected', 'closed: application']);
    expect(ledger.entries()).toEqual([]);
    expect(link.entry).toBeUndefined();
  });

  test('has given up where the client says that it ends', () => {
    const { link, dial, moves } = owned();
    dial().gone();
    link.ended();
    link.ended();
    expect(moves).toEqual(['connecting', 'reconnecting', 'closed: gave-up']);
  });

  test('begins a new entry where the client dials again after its end', () => {
    const { link, dial } = owned();
    dial().gone();
    const first = link.entry;
    link.ended();
    dial();
    expect(link.entry).not.toBe(first);
    expect(link.entry?.info().dials).toBe(1);
  });
});

describe('a client of ours that is told to disconnect while it waits', () => {
  test('is closed by the application where no redial is left', () => {
    const { link, dial, moves, owner } = owned();
    dial().gone();
    owner.willRedial.mockReturnValue(false);
    link.disconnecting();
    expect(moves).toEqual(['connecting', 'reconnecting', 'closed: application']);
  });

  test('goes on where it will redial: ioredis disconnects its connector before each dial', () => {
    const { link, dial, moves } = owned();
    dial().gone();
    link.disconnecting();
    expect(moves).toEqual(['connecting', 'reconnecting']);
  });

  test('has a socket otherwise, whose end is awaited', () => {
    const { link, dial, moves, owner } = owned();
    owner.willRedial.mockReturnValue(false);
    dial().up();
    link.disconnecting();
    expect(moves).toEqual(['connecting', 'connected']);
    link.ended();
    expect(moves.at(-1)).toBe('closed: gave-up');
  });
});

describe('a connection of a library', () => {
  test('is lost with its socket: whether the client dials again is not known', () => {
    const { link, dial, moves } = createLinkBench();
    const socket = dial();
    socket.up();
    socket.gone();
    expect(moves).toEqual(['connecting', 'connected', 'closed: lost']);
    expect(link.entry).toBeUndefined();
  });

  test('is a new entry where it dials again', () => {
    const { dial, moves, ledger } = createLinkBench();
    dial().gone();
    dial();
    expect(moves).toEqual(['connecting', 'closed: lost', 'connecting']);
    expect(ledger.entries()).toHaveLength(1);
  });

  test('is closed by the application where its connector was told to disconnect', () => {
    const { link, dial, moves } = createLinkBench();
    const socket = dial();
    socket.up();
    link.disconnecting();
    socket.gone();
    expect(moves.at(-1)).toBe('closed: application');
  });

  test('is lost where the connector could not even make a socket', () => {
    const { link, moves } = createLinkBench();
    link.dialling();
    link.detached();
    expect(moves).toEqual(['connecting', 'closed: lost']);
  });
});

describe('a socket of an earlier dial', () => {
  test('that closes late does not end the present connection', () => {
    const { link, dial, moves, onFailure } = owned();
    const old = dial();
    link.detached();
    dial().up();
    old.gone(new Error('late'));
    expect(moves).toEqual(['connecting', 'reconnecting', 'connecting', 'connected']);
    expect(onFailure).not.toHaveBeenCalled();
  });

  test('that connects late does not count for the present dial', () => {
    const { link, dial, moves } = owned();
    const old = dial();
    link.detached();
    const present = dial(new FakeSocket());
    old.up(50_001);
    expect(moves).toEqual(['connecting', 'reconnecting', 'connecting']);
    present.up(50_002);
    expect(link.entry?.info()).toMatchObject({ state: 'connected', localPort: 50_002 });
  });
});
