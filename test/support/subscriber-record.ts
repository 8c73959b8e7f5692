import type { Gap, Subscriber } from '../../src/index.js';

/** Events of a subscriber in order, as text, with its gaps and errors. */
export interface RecordedEvents {
  readonly events: string[];
  readonly gaps: Gap[];
  readonly failures: Error[];
}

export function recordSubscriber(subscriber: Subscriber): RecordedEvents {
  const record: RecordedEvents = { events: [], gaps: [], failures: [] };
  subscriber.on('ready', () => record.events.push('ready'));
  subscriber.on('reconnecting', ({ attempt }) => record.events.push(`reconnecting ${attempt}`));
  subscriber.on('message', (channel, message) => record.events.push(`${channel}: ${message}`));
  subscriber.on('error', (error) => record.failures.push(error));
  subscriber.on('gap', (gap) => {
    record.events.push('gap');
    record.gaps.push(gap);
  });
  return record;
}
