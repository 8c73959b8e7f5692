import { EventEmitter, once } from 'node:events';

/** Recorded events in order of time, with a way to wait for events to come. */
export interface EventRecord<T> {
  add(event: T): void;
  /** Waits for the first event, recorded or to come, that matches. Resolves with `undefined` after `withinMs`. */
  find(matches: (event: T) => boolean, withinMs: number): Promise<T | undefined>;
  last(): T | undefined;
  clear(): void;
}

export function createRecord<T>(): EventRecord<T> {
  const emitter = new EventEmitter();
  let events: T[] = [];
  return {
    add(event) {
      events.push(event);
      emitter.emit('added');
    },
    async find(matches, withinMs) {
      const signal = AbortSignal.timeout(withinMs);
      for (;;) {
        const found = events.find(matches);
        if (found !== undefined || signal.aborted) return found;
        await once(emitter, 'added', { signal }).catch(() => undefined); // rejects when the time is up
      }
    },
    last: () => events.at(-1),
    clear: () => void (events = []),
  };
}
