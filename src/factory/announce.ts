import { emitEvent } from '../core/emitter.js';
import type { Identity } from '../identity/detect-identity.js';
import { publishEvent } from './channels.js';
import { countEvent } from './event-counts.js';
import type { Events, HygieneEvents } from './events.js';

/** Tells an event of a factory to all who may want to know of it. */
export type Announce = <Name extends keyof HygieneEvents>(
  name: Name,
  payload: HygieneEvents[Name][0],
) => void;

/**
 * Every event is counted for the metrics, published on its channel, and emitted to the listeners of the factory, in this
 * order: a listener that reads the metrics finds the event in them.
 *
 * @param identityOf Returns the identity of the factory, which is known before its first event.
 */
export function createAnnounce(events: Events, identityOf: () => Identity): Announce {
  return (name, payload) => {
    const identity = identityOf();
    countEvent(identity, name, payload);
    publishEvent(identity, name, payload);
    emitEvent(events, name, ...([payload] as HygieneEvents[typeof name]));
  };
}
