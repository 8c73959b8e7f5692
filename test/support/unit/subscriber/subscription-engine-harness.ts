import type { SubscriptionConnection } from '../../../../src/connect/client/subscription-connection.js';
import { SubscriptionEngine } from '../../../../src/subscriber/subscription-engine.js';
import { createFakeClock, turn } from '../fake-clock.js';
import { FakeLine } from './fake-subscription-connection.js';

/** An engine over a fake line, and what it has told, as text. */
export function createEngine({ random = 0.5 } = {}) {
  const line = new FakeLine();
  const clock = createFakeClock({ startMs: 100_000, random });
  const told: string[] = [];
  /** Called with each thing that is told, as a listener of an application would be. */
  const hooks: { onTold?: (what: string) => void; onUp?: (call: SubscriptionConnection['call']) => void } =
    {};
  const tell = (what: string) => {
    told.push(what);
    hooks.onTold?.(what);
  };
  const engine = new SubscriptionEngine(
    { clock, bounds: { baseMs: 100, capMs: 10_000 }, open: line.open },
    {
      onUp: (call) => hooks.onUp?.(call),
      onReady: () => tell('ready'),
      onMessage: ({ kind, name, message }) => tell(`${kind} ${name}: ${message.toString()}`),
      onGap: ({ channels, patterns, shardChannels, from, to }) =>
        tell(`gap ${[...channels, ...patterns, ...shardChannels].join()} ${from - 100_000} ${to - 100_000}`),
      onRedial: (attempt, delayMs) => tell(`redial ${attempt} ${delayMs}`),
      onClosed: ({ code }) => tell(`closed ${code}`),
      onError: ({ message }) => tell(`error ${message}`),
    },
  );
  // A test looks at a refusal when it has come to that.
  const subscribe = engine.subscribe.bind(engine);
  engine.subscribe = (...args) => {
    const subscribing = subscribe(...args);
    subscribing.catch(() => undefined);
    return subscribing;
  };
  return {
    engine,
    line,
    clock,
    hooks,
    /** What was told since this was asked last. */
    told: () => told.splice(0),
    /** A connection is up, and everything is answered. */
    async up() {
      line.tell.onUp();
      await turn();
      return line.answerAll();
    },
    /** The connection is gone; the server was heard so long ago. */
    down: (silentMs = 0) => line.tell.onDown(clock.now() - silentMs),
  };
}

/** How a promise stands, without waiting for it. */
export async function stateOf(promise: Promise<unknown>): Promise<string> {
  const result = promise.then(
    () => 'resolved',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
  await turn();
  return Promise.race([result, Promise.resolve('pending')]);
}
