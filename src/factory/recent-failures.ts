import type { Clock } from '../core/clock.js';
import type { ConnectionFacts, ConnectionInfo, ConnectionUser } from '../ledger/connection.js';

/** A name and a target, for which failures are remembered. */
type ConnectionKey = Pick<ConnectionFacts, 'name' | 'target'>;

/** Clients of one name and target that have ended without a connection: given up, or refused by the budget. */
export interface LostClient extends ConnectionKey, Pick<ConnectionFacts, 'role'> {
  readonly user: ConnectionUser;
  /** When the first of them ended, in milliseconds since the epoch. */
  readonly since: number;
  readonly count: number;
}

/**
 * Remembers by name and target why connections failed, until one of them is ready. The ledger forgets a client that has
 * ended although the application did not close it, but its commands are rejected: so it counts as lost until a client of
 * the same name is ready at the same target, until the application closes it, or until nobody holds it any more.
 */
export interface RecentFailures {
  readonly onConnectionFailed: (facts: ConnectionFacts, error: Error) => void;
  /** @param client Stands for the client: lives for as long as it. */
  readonly onClientLost: (facts: ConnectionFacts, user: ConnectionUser, client: object) => void;
  /** The application has closed a client, or uses it again. */
  readonly onClientFound: (client: object) => void;
  readonly onMove: (connection: ConnectionInfo) => void;
  lastOf(key: ConnectionKey): Error | undefined;
  /** The last failure of any target. */
  lastOfName(name: string): Error | undefined;
  lostClients(): readonly LostClient[];
}

/** A client that is lost, without what would keep it in memory. */
interface LostEntry extends Omit<LostClient, 'count'> {
  readonly client: WeakRef<object>;
}

/** Limit of remembered names and targets, for a service that opens clients to many servers. The oldest is forgotten. */
const MAX_REMEMBERED = 1_000;

export function createRecentFailures(clock: Clock): RecentFailures {
  const failures = new Map<string, { readonly name: string; readonly error: Error }>();
  const lost = new Set<LostEntry>();

  function forgetLost(isFound: (entry: LostEntry) => boolean): void {
    for (const entry of lost) if (isFound(entry)) lost.delete(entry);
  }

  return {
    onConnectionFailed: ({ name, target }, error) =>
      remember(failures, keyOf({ name, target }), { name, error }),
    onClientLost({ name, role, target }, user, client) {
      lost.add({ name, role, target, user, since: clock.now(), client: new WeakRef(client) });
      const [oldest] = lost;
      if (lost.size > MAX_REMEMBERED && oldest) lost.delete(oldest);
    },
    onClientFound(client) {
      if (lost.size > 0) forgetLost((entry) => entry.client.deref() === client);
    },
    onMove({ name, target, state }) {
      if (failures.size + lost.size === 0 || (state !== 'ready' && state !== 'connected')) return;
      const key = keyOf({ name, target });
      // Of a library's client no more is known than that it is connected.
      const isFound = (entry: LostEntry) =>
        keyOf(entry) === key && (state === 'ready' || entry.user === 'library');
      if (state === 'ready' || [...lost].some(isFound)) failures.delete(key);
      forgetLost(isFound);
    },
    lastOf: (key) => failures.get(keyOf(key))?.error,
    lastOfName: (name) => [...failures.values()].findLast((failure) => failure.name === name)?.error,
    lostClients() {
      forgetLost(({ client }) => client.deref() === undefined);
      return joinEqual(lost);
    },
  };
}

/** Joins lost clients of one name and target, the earliest first. */
function joinEqual(lost: ReadonlySet<LostEntry>): readonly LostClient[] {
  const joined = new Map<string, LostClient>();
  for (const { client: _client, ...facts } of lost) {
    const key = keyOf(facts);
    const known = joined.get(key);
    joined.set(key, known ? { ...known, count: known.count + 1 } : { ...facts, count: 1 });
  }
  return [...joined.values()];
}

function keyOf({ name, target }: ConnectionKey): string {
  return `${name}\n${target}`;
}

/** Puts a value at the end of a map, and removes the first one if there are too many. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
