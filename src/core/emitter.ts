import { EventEmitter } from 'eventemitter3';

/**
 * A typed event emitter. `Events` maps event names to the arguments of their listeners. An `error` event without a
 * listener does not throw.
 */
export type Emitter<Events extends object> = EventEmitter<Events>;

export function createEmitter<Events extends object>(): Emitter<Events> {
  return new EventEmitter<Events>();
}

/**
 * Emits an event. An exception of a listener becomes an uncaught exception of the application, and does not interrupt
 * the connection that emits.
 */
export function emitEvent<Events extends { [name in keyof Events]: unknown[] }, Name extends keyof Events>(
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
