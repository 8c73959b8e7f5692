import type {
  GroupMembership,
  SearchListener,
  SentinelClient,
  ServerAddress,
} from '../connect/connectors/sentinel-connector.js';
import type { Clock } from '../core/clock.js';
import { HygieneError } from '../core/errors.js';
import { GroupMember } from './group-member.js';
import type { MasterDiscovery } from './master-discovery.js';
import { createMasterVotes, type MasterVotes, type Vote } from './master-votes.js';
import { masterUnknown, optionFailure, replicaUnavailable, searchGivenUp } from './sentinel-errors.js';
import type { Learned, SentinelMonitor } from './sentinel-monitor.js';
import { type NodeAddress, chooseReplica, formatAddress, translate } from './sentinel-replies.js';

export interface MasterGroupPorts {
  readonly clock: Clock;
  /** The name of the master. */
  readonly name: string;
  readonly finder: MasterDiscovery;
  /** False once the factory shuts down: the connections to the sentinels are closed under the search then. */
  readonly isOpen: () => boolean;
  readonly lookout: (hear: (statement: Vote, learned: Learned) => void) => SentinelMonitor;
  readonly onFailover: (report: FailoverReport) => void;
  /** The last client has left. */
  readonly onEmpty: () => void;
}

/** A server, and the sentinel that was asked for it. */
interface Named {
  readonly server: NodeAddress;
  readonly sentinel: string | undefined;
}

/** And where this client reaches it. */
interface Found extends Named {
  readonly at: NodeAddress;
}

/** So long after a failover its news is trusted more than a sentinel that may not have heard it. */
const NEWS_MS = 10_000;

/** The clients of a factory that follow the same master over the same sentinels, and what they know together. */
export class MasterGroup {
  readonly #ports: MasterGroupPorts;
  readonly #seats = new Set<GroupMember>();
  readonly #opinions: MasterVotes;
  readonly #lookout: SentinelMonitor;
  #isWatching = false;
  /** The master that the clients are sent to, and when it became another. */
  #master: string | undefined;
  #movedAt = -Infinity;
  #failover: Failover | undefined;

  constructor(ports: MasterGroupPorts) {
    this.#ports = ports;
    this.#opinions = createMasterVotes(ports.clock);
    this.#lookout = ports.lookout((statement, learned) => this.#hear(statement, learned));
  }

  join(client: SentinelClient): GroupMembership {
    const seat = new GroupMember(client, this.#ports.clock);
    this.#seats.add(seat);
    return {
      locate: (listener) => seat.search((isOver) => this.#search(seat, listener, isOver)),
      callOff: () => seat.callOff(),
      reached: () => void (seat.isThere = true),
      arrived: () => this.#arrive(seat),
      misled: () => this.#distrust(seat),
      leave: () => this.#leave(seat),
    };
  }

  async #search(seat: GroupMember, listener: SearchListener, isOver: () => boolean): Promise<ServerAddress> {
    if (!seat.isThere) this.#distrust(seat);
    for (let round = 1; ; round += 1) {
      const found = await this.#find(seat, listener);
      if (isOver()) break;
      if (!(found instanceof HygieneError)) return this.#send(seat, found);
      if (!this.#ports.isOpen()) throw searchGivenUp(this.#ports.name);
      if (round === 1) seat.client.report(found);
      const delayMs = seat.client.options.sentinelRetryStrategy?.(round);
      if (typeof delayMs !== 'number') throw found;
      listener.onRound(found);
      await seat.pause(delayMs);
      if (isOver()) break;
    }
    throw new Error('This search has been called off.');
  }

  async #find(seat: GroupMember, listener: SearchListener): Promise<Found | HygieneError> {
    try {
      const named = await (seat.isReplica ? this.#findReplica(seat, listener) : this.#findMaster(listener));
      if (named instanceof HygieneError) return named;
      return { ...named, at: translate(named.server, seat.client.options.natMap) };
    } catch (error) {
      return optionFailure(this.#ports.name, error as Error); // natMap or preferredSlaves of the application
    }
  }

  async #findMaster(listener: SearchListener): Promise<Named | HygieneError> {
    const { clock, finder, name } = this.#ports;
    const news = clock.now() - this.#movedAt < NEWS_MS ? this.#opinions.master() : undefined;
    if (news) return { server: news, sentinel: undefined };
    const { result, failures } = await finder.master();
    failures.forEach(listener.onSentinelError);
    if (result instanceof HygieneError) return result;
    const sentinel = formatAddress(result.sentinel);
    this.#hear({ sentinel, ...result.answer }, 'asked');
    const server = this.#opinions.master();
    return server ? { server, sentinel } : masterUnknown(name);
  }

  async #findReplica(seat: GroupMember, listener: SearchListener): Promise<Named | HygieneError> {
    const { clock, finder, name } = this.#ports;
    const { result, failures } = await finder.replicas();
    failures.forEach(listener.onSentinelError);
    if (result instanceof HygieneError) return result;
    const { preferredSlaves } = seat.client.options;
    const server = chooseReplica(result.answer, preferredSlaves, clock.random());
    return server ? { server, sentinel: formatAddress(result.sentinel) } : replicaUnavailable(name);
  }

  #send(seat: GroupMember, { server, sentinel, at }: Found): ServerAddress {
    seat.send(formatAddress(server), sentinel);
    if (seat.isWatching && !this.#isWatching) {
      this.#isWatching = true;
      this.#lookout.start();
    }
    return at;
  }

  /** A sentinel speaks. Whoever is at the wrong server then is dialled again. */
  #hear(statement: Vote, learned: Learned): void {
    const before = this.#master;
    this.#opinions.hear(statement);
    const server = this.#opinions.master();
    if (!server) return;
    const master = (this.#master = formatAddress(server));
    const watching = [...this.#seats].filter(({ isWatching }) => isWatching);
    const misplaced = watching.filter((seat) => seat.isMisplaced(master));
    if (before !== undefined && before !== master) {
      const onTheirWay = [...misplaced, ...watching.filter(({ isSearching }) => isSearching)];
      this.#move({ from: before, to: master, learned, sentinel: statement.sentinel }, onTheirWay);
    }
    for (const seat of misplaced) {
      seat.absolve();
      seat.client.redial();
    }
  }

  #move(facts: Omit<FailoverFacts, 'master'>, seats: readonly GroupMember[]): void {
    const { clock, name, onFailover } = this.#ports;
    this.#movedAt = clock.now();
    this.#failover?.end();
    this.#failover = beginFailover({ master: name, ...facts }, seats, { clock, tell: onFailover });
    this.#seats.forEach((seat) => seat.wake());
  }

  /** The server refuses, or has another role: who named it is asked last, and news is none any more. */
  #distrust({ sentBy }: GroupMember): void {
    this.#movedAt = -Infinity;
    if (sentBy === undefined) return;
    this.#ports.finder.distrust(sentBy);
    this.#opinions.discredit(sentBy);
  }

  #arrive(seat: GroupMember): void {
    if (seat.sentTo !== undefined) this.#opinions.credit(seat.sentTo);
    this.#failover?.arrived(seat);
  }

  #leave(seat: GroupMember): void {
    this.#seats.delete(seat);
    this.#failover?.arrived(seat);
    if (this.#isWatching && ![...this.#seats].some(({ isWatching }) => isWatching)) {
      this.#isWatching = false;
      this.#lookout.stop();
    }
    if (this.#seats.size === 0) this.#ports.onEmpty();
  }
}

/** A master has moved, and what became of its clients. */
export interface FailoverReport {
  /** Its name. */
  readonly master: string;
  /** `host:port` of the old server, as the sentinels call it. */
  readonly from: string;
  readonly to: string;
  /** Whether a sentinel told of it by itself (`+switch-master`), or when it was asked. */
  readonly learned: Learned;
  /** `host:port` of that sentinel. */
  readonly sentinel: string;
  /** Clients of this factory that were closed and dialled again, or were looking for their master. */
  readonly clients: number;
  /** How many of them are not ready yet, 10 s later or when the master moves again. */
  readonly waiting: number;
  /** From when it was learned until the last of them was ready, in milliseconds. */
  readonly durationMs: number;
}

/** What is known at once. */
export type FailoverFacts = Pick<FailoverReport, 'master' | 'from' | 'to' | 'learned' | 'sentinel'>;

/** So long the clients are waited for. */
const WAIT_MS = 10_000;

/** A failover whose clients are on their way to the new server. */
export interface Failover {
  /** One of them is ready, or has left. */
  arrived(client: object): void;
  /** Tells now, whoever is still waiting. */
  end(): void;
}

export function beginFailover(
  facts: FailoverFacts,
  clients: readonly object[],
  { clock, tell }: { readonly clock: Clock; readonly tell: (report: FailoverReport) => void },
): Failover {
  const begunAt = clock.now();
  const waiting = new Set(clients);
  let isTold = false;

  function end(): void {
    timer.cancel();
    if (isTold) return;
    isTold = true;
    const durationMs = clock.now() - begunAt;
    tell({ ...facts, clients: clients.length, waiting: waiting.size, durationMs });
  }

  const timer = clock.after(WAIT_MS, end);
  if (clients.length === 0) end();
  return {
    arrived: (client) => void (waiting.delete(client) && waiting.size === 0 && end()),
    end,
  };
}
