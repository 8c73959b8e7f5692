/** Marks listeners of redis-hygiene, which are no handlers of the program. */
const OWN_LISTENER = Symbol.for('redis-hygiene.listener');

type SignalListener = (signal: NodeJS.Signals) => void;

/** Marks a listener as one of redis-hygiene. */
export function ownListener(listener: SignalListener): SignalListener {
  return Object.assign(listener, { [OWN_LISTENER]: true });
}

/** Number of listeners that the program has for a signal, and its libraries. */
export function countProgramHandlers(signal: NodeJS.Signals): number {
  return process.listeners(signal).filter((listener) => !(OWN_LISTENER in listener)).length;
}

/** The listener of close-with-grace that exits at a second signal. */
const SECOND_SIGNAL_LISTENER = 'afterFirstSignal';

/**
 * Tells a second signal of the operator from one that a handler of the program raises when it is done, as that of Nest's
 * `enableShutdownHooks()` does: such a handler removes itself, and raises the signal that it was called for. Called when the
 * shutdown begins, just after close-with-grace has installed its listeners.
 *
 * @param onRaised Called when a handler raises the signal again.
 */
export function ignoreRaisedSignals(signals: ReadonlySet<NodeJS.Signals>, onRaised: () => void): void {
  const exits = [...signals].flatMap((signal) => {
    const last = process.listeners(signal).at(-1) as SignalListener | undefined;
    return last?.name === SECOND_SIGNAL_LISTENER ? [[signal, last] as const] : [];
  });
  let counts = new Map<NodeJS.Signals, number>();
  const count = () => {
    counts = new Map(exits.map(([signal]) => [signal, countProgramHandlers(signal)]));
  };
  for (const [signal, exit] of exits) {
    const listener = ownListener(() => {
      if (countProgramHandlers(signal) >= (counts.get(signal) ?? 0)) return exit(signal);
      count();
      onRaised();
    });
    process.off(signal, exit);
    process.on(signal, listener);
  }
  queueMicrotask(count); // when handlers that were installed with once() are gone
}
