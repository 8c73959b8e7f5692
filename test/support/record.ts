import { EventEmitter, once } from 'node:events';

/** What has happened so far, in the order of time, and a way to wait for what has not happened yet. */
export interface EventRecord<T> {
  add(one: T): void;
  /** The first one that fits, if it comes in time. */
  find(fits: (one: T) => boolean, withinMs: number): Promise<T | undefined>;
  last(): T | undefined;
  clear(): void;
}

export function createRecord<T>(): EventRecord<T> {
  const bell = new EventEmitter();
  let all: T[] = [];
  return {
    add(one) {
      all.push(one);
      bell.emit('added');
    },
    async find(fits, withinMs) {
      const signal = AbortSignal.timeout(withinMs);
      for (;;) {
        const found = all.find(fits);
        if (found !== undefined || signal.aborted) return found;
        await once(bell, 'added', { signal }).catch(() => undefined); // the time is up
      }
    },
    last: () => all.at(-1),
    clear: () => void (all = []),
  };
}
