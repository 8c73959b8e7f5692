import { EventEmitter } from 'eventemitter3';

/** A typed emitter: `Events` gives the listeners' arguments by event name. An unheard `error` does not throw. */
export type Emitter<Events extends object> = EventEmitter<Events>;

export function createEmitter<Events extends object>(): Emitter<Events> {
  return new EventEmitter<Events>();
}

/**
 * Emits, and lets a listener's failure surface as an uncaught exception of the application without breaking the
 * connection that is being told of.
 */
export function publish<Events extends { [name in keyof Events]: unknown[] }, Name extends keyof Events>(
  emitter: Emitter<Events>,
  name: Name,
  ...payload: Events[Name]
): void {
  try {
    (emitter as unknown as EventEmitter<string>).emit(name as string, ...payload);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
