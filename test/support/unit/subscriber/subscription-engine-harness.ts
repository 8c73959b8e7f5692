import type { SubscriptionConnection } from '../../../../src/connect/client/subscription-connection.js';
import { SubscriptionEngine } from '../../../../src/subscriber/subscription-engine.js';
import { createFakeClock, turn } from '../fake-clock.js';
import { FakeSubscriptionConnection } from './fake-subscription-connection.js';

interface EngineHooks {
  /** Called with each event, as the listener of an application would be. */
  onEvent?: (event: string) => void;
  onConnected?: (call: SubscriptionConnection['call']) => void;
}

/** Creates an engine over a fake connection. Its events are recorded as text, with times relative to the start. */
export function createEngine({ random = 0.5 } = {}) {
  const connection = new FakeSubscriptionConnection();
  const clock = createFakeClock({ startMs: 100_000, random });
  const events: string[] = [];
  const hooks: EngineHooks = {};
  const record = (event: string) => {
    events.push(event);
    hooks.onEvent?.(event);
  };
  const engine = new SubscriptionEngine(
    { clock, bounds: { baseMs: 100, capMs: 10_000 }, open: connection.open },
    {
      onConnected: (call) => hooks.onConnected?.(call),
      onReady: () => record('ready'),
      onMessage: ({ kind, name, message }) => record(`${kind} ${name}: ${message.toString()}`),
      onGap: ({ channels, patterns, shardChannels, from, to }) =>
        record(
          `gap ${[...channels, ...patterns, ...shardChannels].join()} ${from - 100_000} ${to - 100_000}`,
        ),
      onReconnecting: (attempt, delayMs) => record(`reconnecting ${attempt} ${delayMs}`),
      onClosed: ({ code }) => record(`closed ${code}`),
      onError: ({ message }) => record(`error ${message}`),
    },
  );
  // Tests check a refusal later, so it must not be an unhandled rejection until then.
  const subscribe = engine.subscribe.bind(engine);
  engine.subscribe = (...args) => {
    const subscribing = subscribe(...args);
    subscribing.catch(() => undefined);
    return subscribing;
  };
  return {
    engine,
    connection,
    clock,
    hooks,
    /** Removes and returns the events since the last call. */
    takeEvents: () => events.splice(0),
    /** Connects and answers all commands. Returns them as text. */
    async connect() {
      connection.listener.onConnected();
      await turn();
      return connection.answerAll();
    },
    /** Breaks the connection, from which the last bytes came `silentMs` milliseconds ago. */
    disconnect: (silentMs = 0) => connection.listener.onDisconnected(clock.now() - silentMs),
  };
}

/** State of a promise, without waiting for it: `pending`, `resolved`, or the code or text of its error. */
export async function stateOf(promise: Promise<unknown>): Promise<string> {
  const result = promise.then(
    () => 'resolved',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
  await turn();
  return Promise.race([result, Promise.resolve('pending')]);
}
