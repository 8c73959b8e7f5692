import type { HygieneEvents } from '../factory/events.js';

/** The time in which a connection could not be used, before it is ready. */
export interface Outage {
  readonly durationMs: number;
  /** Whether the connection was ready before. If not, its first dial has failed. */
  readonly wasReady: boolean;
}

/** Remembers when connections were lost, so that the line of `ready` tells for how long. */
export interface Outages {
  /** Takes an event. Returns the outage that a `ready` has ended. */
  note<Name extends keyof HygieneEvents>(event: Name, payload: HygieneEvents[Name][0]): Outage | undefined;
}

/** Events of a connection that begin or end an outage. */
export const outageEvents: readonly (keyof HygieneEvents)[] = ['reconnecting', 'closed', 'ready'];

/** Limit of remembered losses, for a service that opens clients to many servers. The oldest is forgotten. */
const MAX_REMEMBERED = 1_000;

interface Loss {
  readonly at: number;
  readonly wasReady: boolean;
}

/**
 * The loss of a client's connection is remembered by its id. The connection of a pool is not dialled again: another one
 * takes its place, so its loss is remembered by name and target.
 */
export function createOutages(): Outages {
  const losses = new Map<string, Loss>();

  function remember(key: string, loss: Loss): void {
    if (losses.has(key)) return;
    const [oldest] = losses.keys();
    if (losses.size >= MAX_REMEMBERED && oldest !== undefined) losses.delete(oldest);
    losses.set(key, loss);
  }

  function take(key: string): Loss | undefined {
    const loss = losses.get(key);
    losses.delete(key);
    return loss;
  }

  function onClosed({ at, from, reason, loss, connection }: HygieneEvents['closed'][0]): void {
    const known = take(String(connection.id));
    if (reason !== 'gave-up' && reason !== 'lost') return;
    if (known ?? loss) remember(nameAndTarget(connection), known ?? { at, wasReady: from === 'ready' });
  }

  function onReady({ at, connection }: HygieneEvents['ready'][0]): Outage | undefined {
    const losses = [take(nameAndTarget(connection)), take(String(connection.id))].filter((loss) => !!loss);
    if (losses.length === 0) return undefined;
    const lostAt = Math.min(...losses.map((loss) => loss.at));
    return { durationMs: at - lostAt, wasReady: losses.some(({ wasReady }) => wasReady) };
  }

  return {
    note(event, payload) {
      if (event === 'ready') return onReady(payload as HygieneEvents['ready'][0]);
      if (event === 'closed') onClosed(payload as HygieneEvents['closed'][0]);
      if (event === 'reconnecting') {
        const { at, from, connection } = payload as HygieneEvents['reconnecting'][0];
        remember(String(connection.id), { at, wasReady: from === 'ready' });
      }
      return undefined;
    },
  };
}

function nameAndTarget({ name, target }: { readonly name: string; readonly target: string }): string {
  return `${name}\n${target}`;
}
