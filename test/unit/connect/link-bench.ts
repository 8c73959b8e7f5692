import { vi, type Mocked } from 'vitest';
import { Link, type LinkOwner, type LinkPorts } from '../../../src/connect/link.js';
import { createLedger, type Ledger, type MoveListener } from '../../../src/ledger/ledger.js';
import { createFakeClock } from '../fake-clock.js';
import { facts, idle } from '../ledger/fake-handle.js';
import { FakeSocket } from './fake-socket.js';

/** A link, the ledger behind it, and what it told. */
export interface LinkBench {
  readonly link: Link;
  readonly ledger: Ledger;
  readonly onFailure: ReturnType<typeof vi.fn<LinkPorts['onFailure']>>;
  /** Each move so far, for example `dialling`, `closed: lost`. */
  readonly moves: readonly string[];
  /** Dials once more, up to the socket. */
  readonly dial: (socket?: FakeSocket) => FakeSocket;
}

export function createLinkBench(): LinkBench {
  const moves: string[] = [];
  const onMove: MoveListener = ({ state }, _from, reason) =>
    void moves.push(reason ? `${state}: ${reason}` : state);
  const ledger = createLedger({ clock: createFakeClock(), onMove });
  const onFailure = vi.fn<LinkPorts['onFailure']>();
  const link = new Link(facts, { ledger, onFailure });
  return {
    link,
    ledger,
    onFailure,
    moves,
    dial(socket = new FakeSocket()) {
      link.dialling();
      link.attach(socket.asSocket());
      return socket;
    },
  };
}

/** The client behind a link: not closing, about to redial, idle, unless the test says otherwise. */
export function createOwner(): Mocked<LinkOwner> {
  return {
    isClosing: vi.fn(() => false),
    willRedial: vi.fn(() => true),
    work: vi.fn(() => idle),
    quit: vi.fn<() => void>(),
    destroy: vi.fn<() => void>(),
  };
}
