import { captureCallSite } from '../../ledger/call-site.js';
import {
  type CloseReason,
  type ConnectionControls,
  type ConnectionFacts,
  type ConnectionHandle,
  type LossCause,
  type StateKind,
  UNMEASURED_HEALTH,
} from '../../ledger/connection.js';
import { roleOfName } from '../../options/resolve-options.js';
import { openLedger } from '../preload-ledger.js';

/** How a client of another library is closed. */
export interface ObservedControls {
  /** Closes the connection once all commands have been answered, as far as the library can. */
  readonly quit: () => void;
  /** Closes the connection at once. */
  readonly destroy: () => void;
}

/**
 * A connection that another library opens, keeps and closes. The ledger follows what the library tells of it. Nothing is
 * asked of the server, and nothing of the connection is changed.
 *
 * Every call is allowed in every state, because libraries leave steps out. Calls that tell nothing new do nothing.
 */
export interface ObservedEntry {
  /** Whether the connection has left the ledger. */
  readonly isClosed: boolean;
  /** A dial begins. */
  connecting(): void;
  /** There is a socket. */
  connected(): void;
  /** The library sends commands. */
  ready(): void;
  /** The socket is gone, or a dial has failed, and the library will dial again. */
  lost(cause: LossCause): void;
  /** The library will not dial again. */
  closed(reason: CloseReason, loss?: LossCause): void;
}

/** What is known of a connection when its first dial begins. */
export interface ObservedFacts {
  readonly name: string;
  readonly target: string;
  readonly callSite: readonly string[];
  /** Whether the client of this connection has another one already, which stands for it in the clients of its line. */
  readonly budgetClass: 'observed' | 'observedMember';
}

/** Adds a connection to the ledger of the preload, in the state `connecting`. Never refuses it: the library dials anyway. */
export function observeConnection(
  { budgetClass, name, target, callSite }: ObservedFacts,
  controls: ObservedControls,
): ObservedEntry {
  const facts: ConnectionFacts = { name, target, callSite, role: roleOfName(name) };
  const entry = openLedger().ledger.open(facts, handleOf(controls), budgetClass);
  const is = (...kinds: readonly StateKind[]) => kinds.includes(entry.state.kind);

  function connecting(): void {
    if (is('connected', 'ready')) lost('error');
    if (is('reconnecting')) entry.move({ kind: 'connecting' });
  }

  function connected(): void {
    connecting();
    if (is('connecting')) entry.move({ kind: 'connected' });
  }

  function lost(cause: LossCause): void {
    const hadSocket = is('connected', 'ready');
    if (hadSocket || is('connecting')) {
      entry.move({ kind: 'reconnecting', loss: hadSocket ? cause : undefined });
    }
  }

  return {
    get isClosed() {
      return is('closed');
    },
    connecting,
    connected,
    ready() {
      if (!is('connected', 'ready')) connected();
      if (is('connected')) entry.move({ kind: 'ready' });
    },
    lost,
    closed(reason, loss) {
      if (!is('closed')) entry.move({ kind: 'closed', reason, loss });
    },
  };
}

/** Commands of another library cannot be counted without reading its internals. */
const NO_WORK: ReturnType<ConnectionControls['work']> = { pending: 0, unsent: 0, isBlocked: false };

function handleOf({ quit, destroy }: ObservedControls): ConnectionHandle {
  return {
    work: () => NO_WORK,
    progress: () => NO_WORK,
    socket: () => undefined,
    health: () => UNMEASURED_HEALTH,
    ping: () => undefined,
    isInUse: () => false,
    quit,
    destroy,
  };
}

/** Runs a method of a library that closes something. A client that is closed already refuses that, which is no failure. */
export function closeQuietly(close: () => unknown): void {
  const ignore = () => undefined;
  void new Promise((resolve) => resolve(close())).then(ignore, ignore);
}

/** The call site of the code that opens a client now, with as many frames as `callSiteFrames` says. */
export function captureClientCallSite(): readonly string[] {
  return captureCallSite(openLedger().settings.callSiteFrames);
}
