import type { Gap, Subscriber } from '../../src/index.js';

/** What a subscriber tells, in order: the names of events, the gaps, the messages. */
export interface Diary {
  readonly told: string[];
  readonly gaps: Gap[];
  readonly failures: Error[];
}

export function keepDiary(subscriber: Subscriber): Diary {
  const diary: Diary = { told: [], gaps: [], failures: [] };
  subscriber.on('ready', () => diary.told.push('ready'));
  subscriber.on('reconnecting', ({ attempt }) => diary.told.push(`reconnecting ${attempt}`));
  subscriber.on('message', (channel, message) => diary.told.push(`${channel}: ${message}`));
  subscriber.on('error', (error) => diary.failures.push(error));
  subscriber.on('gap', (gap) => {
    diary.told.push('gap');
    diary.gaps.push(gap);
  });
  return diary;
}
