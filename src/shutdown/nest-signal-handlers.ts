import type { Before, BeforeStep } from './before-steps.js';

/**
 * An application of Nest, as far as its own handlers of signals go. They are internals of Nest 11 and 12, which tests of
 * both would miss: without them nothing is held.
 *
 * @see https://github.com/nestjs/nest/blob/v11.1.9/packages/core/nest-application-context.ts (listenToShutdownSignals)
 */
interface NestApplication {
  enableShutdownHooks(): unknown;
  unsubscribeFromProcessSignals(): void;
  /** Awaited by Nest's handler before it does anything, and by `close()`. */
  initializationPromise?: Promise<void>;
}

/** Whether a step is an application on which `enableShutdownHooks()` was called. */
function handlesSignals(step: BeforeStep): step is BeforeStep & NestApplication {
  const { enableShutdownHooks, unsubscribeFromProcessSignals, shutdownCleanupRef } =
    step as unknown as Readonly<Record<string, unknown>>;
  return [enableShutdownHooks, unsubscribeFromProcessSignals, shutdownCleanupRef].every(
    (member) => typeof member === 'function',
  );
}

/**
 * Holds the handlers that `app.enableShutdownHooks()` has installed for the applications among the steps. Called on a signal,
 * before Nest's handlers are: they would close the application without the delay, and then raise the signal again.
 */
export function holdNestHandlers(before: Before | undefined): void {
  if (before === undefined) return;
  const steps: readonly BeforeStep[] = before instanceof Array ? before : [before];
  steps.filter(handlesSignals).forEach(hold);
}

/**
 * Makes Nest's handler wait for ever, as if the application were still starting. `close()` has to find the application as it
 * was, so this lasts only for the calls of the signal's listeners.
 */
function hold(app: NestApplication): void {
  const given = Object.getOwnPropertyDescriptor(app, 'initializationPromise');
  const never = { value: new Promise<void>(() => undefined), configurable: true };
  Object.defineProperty(app, 'initializationPromise', never); // the proxy that Nest returns ignores assignments
  queueMicrotask(() => {
    if (given) Object.defineProperty(app, 'initializationPromise', given);
    else Reflect.deleteProperty(app, 'initializationPromise');
    app.unsubscribeFromProcessSignals();
  });
}
