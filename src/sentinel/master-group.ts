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
import {
  masterUnknownError,
  optionThrewError,
  replicaUnavailableError,
  searchAbortedError,
} from './sentinel-errors.js';
import type { FailoverDetection, SentinelMonitor, SentinelMonitorPorts } from './sentinel-monitor.js';
import {
  addressesOf,
  applyNatMap,
  chooseReplica,
  formatAddress,
  likelyReplicas,
  type NodeAddress,
} from './sentinel-replies.js';

/** Report of a failover, sent when its clients are ready again. */
export interface FailoverReport {
  /** Name of the master in the sentinels' configuration. */
  readonly master: string;
  /** `host:port` of the old master, as the sentinels name it (before `natMap`). */
  readonly from: string;
  /** `host:port` of the new master, as the sentinels name it (before `natMap`). */
  readonly to: string;
  /** How the failover was detected: a sentinel published it (`switch-master`), or answered a query (`query`). */
  readonly detectedBy: FailoverDetection;
  /** `host:port` of the sentinel that published it or answered. */
  readonly sentinel: string;
  /** Number of clients of this factory that were closed and dialled again, or were searching for their master. */
  readonly clients: number;
  /** Number of these clients that are not ready yet: after 10 s, or because the master moved again. */
  readonly pending: number;
  /** Time from the detection until the last client was ready, in milliseconds. */
  readonly durationMs: number;
}

export interface MasterGroupPorts {
  readonly clock: Clock;
  /** The master's name. */
  readonly name: string;
  readonly discovery: MasterDiscovery;
  /** False once the factory shuts down, which also closes the connections to the sentinels. */
  readonly isOpen: () => boolean;
  readonly createMonitor: (
    listener: Pick<SentinelMonitorPorts, 'onVote' | 'onLost' | 'onSettled'>,
  ) => SentinelMonitor;
  readonly onFailover: (report: FailoverReport) => void;
  /** Called when the last client has left the group. */
  readonly onEmpty: () => void;
}

/** A server that was found for a client. */
interface NamedServer {
  /** Address of the server as the sentinels name it. */
  readonly server: NodeAddress;
  /** `host:port` of the sentinel that named it. Undefined if no sentinel was asked. */
  readonly sentinel: string | undefined;
  /** `host:port` of other servers that the client could be sent to. */
  readonly alternatives: readonly string[];
}

interface LocatedServer extends NamedServer {
  /** Address under which the client reaches the server. */
  readonly address: NodeAddress;
}

/**
 * Time after a failover in which the elected master is used without asking a sentinel, which may not have learned of
 * the failover yet.
 */
const TRUST_FAILOVER_MS = 10_000;

/** Time in which a replica that has turned a client away is passed over, if others are listed. */
const REJECTED_MS = 10_000;

/** The clients of a factory that follow the same master over the same sentinels. */
export class MasterGroup {
  readonly #ports: MasterGroupPorts;
  readonly #members = new Set<GroupMember>();
  readonly #votes: MasterVotes;
  readonly #monitor: SentinelMonitor;
  #isMonitoring = false;
  /** Whether a failover would be noticed: each sentinel is watched, or cannot be reached. */
  #isWatched = false;
  /** `host:port` of the master that the clients are sent to. */
  #master: string | undefined;
  /** When the last failover was detected. */
  #failoverAt = -Infinity;
  #failover: FailoverTracker | undefined;
  /** Replicas (`host:port`) that have turned a client away, and when. */
  readonly #rejectedAt = new Map<string, number>();

  constructor(ports: MasterGroupPorts) {
    this.#ports = ports;
    this.#votes = createMasterVotes(ports.clock);
    this.#monitor = ports.createMonitor({
      onVote: (vote, detectedBy) => this.#recordVote(vote, detectedBy),
      onLost: () => this.#followers().forEach(({ client }) => client.onSentinelLost()),
      onSettled: () => this.#onWatched(),
    });
  }

  join(client: SentinelClient): GroupMembership {
    const member = new GroupMember(client, this.#ports.clock);
    this.#members.add(member);
    return {
      locate: (listener) => {
        this.#passOverIfUnconfirmed(member);
        return member.search((isCancelled) => this.#search(member, listener, isCancelled));
      },
      cancelSearch: () => member.cancelSearch(),
      onConnected: () => this.#onConnected(member),
      onRefused: () => member.isSettled || this.#reject(member),
      onRoleConfirmed: () => this.#confirm(member),
      onWrongRole: () => this.#reject(member),
      leave: () => this.#leave(member),
    };
  }

  #onConnected(member: GroupMember): void {
    member.settle();
    if (this.#isWatched && member.followsFailovers) member.client.onWatched();
  }

  #onWatched(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const connected = this.#followers().filter((member) => member.isSettled && !member.isSearching);
    connected.forEach(({ client }) => client.onWatched());
  }

  #followers(): readonly GroupMember[] {
    return [...this.#members].filter(({ followsFailovers }) => followsFailovers);
  }

  async #search(
    member: GroupMember,
    listener: SearchListener,
    isCancelled: () => boolean,
  ): Promise<ServerAddress> {
    for (let round = 1; ; round += 1) {
      const found = await this.#find(member, listener);
      if (isCancelled()) break;
      if (!(found instanceof HygieneError)) return this.#assign(member, found);
      if (!this.#ports.isOpen()) throw searchAbortedError(this.#ports.name);
      if (round === 1) member.client.report(found);
      const delayMs = member.client.options.sentinelRetryStrategy?.(round);
      if (typeof delayMs !== 'number') throw found;
      listener.onRoundFailed(found);
      await member.pause(delayMs);
      if (isCancelled()) break;
    }
    throw new Error('The search was cancelled.');
  }

  async #find(member: GroupMember, listener: SearchListener): Promise<LocatedServer | HygieneError> {
    try {
      const named = await (member.isReplica
        ? this.#findReplica(member, listener)
        : this.#findMaster(listener));
      if (named instanceof HygieneError) return named;
      return { ...named, address: applyNatMap(named.server, member.client.options.natMap) };
    } catch (error) {
      return optionThrewError(this.#ports.name, error as Error); // natMap or preferredSlaves of the application
    }
  }

  async #findMaster(listener: SearchListener): Promise<NamedServer | HygieneError> {
    const { clock, discovery, name } = this.#ports;
    const isFailoverRecent = clock.now() - this.#failoverAt < TRUST_FAILOVER_MS;
    const elected = isFailoverRecent ? this.#votes.electMaster() : undefined;
    if (elected) return { server: elected, sentinel: undefined, alternatives: [] };
    const { result, failures } = await discovery.findMaster();
    failures.forEach(listener.onSentinelError);
    if (result instanceof HygieneError) return result;
    const sentinel = formatAddress(result.sentinel);
    this.#recordVote({ sentinel, ...result.answer }, 'query');
    const server = this.#votes.electMaster();
    return server ? { server, sentinel, alternatives: [] } : masterUnknownError(name);
  }

  async #findReplica(member: GroupMember, listener: SearchListener): Promise<NamedServer | HygieneError> {
    const { clock, discovery, name } = this.#ports;
    const { result, failures } = await discovery.findReplicas();
    failures.forEach(listener.onSentinelError);
    if (result instanceof HygieneError) return result;
    const { preferredSlaves } = member.client.options;
    const isDoubtful = (server: string) => server === this.#master || this.#wasRejected(server);
    const likely = likelyReplicas(result.answer, isDoubtful);
    const server = chooseReplica(likely, preferredSlaves, clock.random());
    if (!server) return replicaUnavailableError(name);
    const alternatives = addressesOf(result.answer).filter((address) => address !== formatAddress(server));
    return { server, sentinel: formatAddress(result.sentinel), alternatives };
  }

  #assign(member: GroupMember, { server, sentinel, alternatives, address }: LocatedServer): ServerAddress {
    member.assign(formatAddress(server), sentinel, alternatives);
    if (member.followsFailovers && !this.#isMonitoring) {
      this.#isMonitoring = true;
      this.#monitor.start();
    }
    return address;
  }

  /** Records a sentinel's vote, and redials the clients that are on the wrong server afterwards. */
  #recordVote(vote: Vote, detectedBy: FailoverDetection): void {
    const before = this.#master;
    this.#votes.record(vote);
    const server = this.#votes.electMaster();
    if (!server) return;
    const master = (this.#master = formatAddress(server));
    const following = this.#followers();
    const misplaced = following.filter((member) => member.isOnWrongServer(master));
    const hasMoved = before !== undefined && before !== master;
    const searching = hasMoved ? following.filter(({ isSearching }) => isSearching) : [];
    const moving = new Set([...misplaced, ...searching]);
    if (hasMoved) {
      this.#startFailover({ from: before, to: master, detectedBy, sentinel: vote.sentinel }, [...moving]);
    }
    const redialled = [...moving].filter((member) => member.isRejected || misplaced.includes(member));
    for (const member of redialled) {
      member.settle();
      member.client.redial();
    }
  }

  #startFailover(facts: Omit<FailoverFacts, 'master'>, moving: readonly GroupMember[]): void {
    const { clock, name, onFailover } = this.#ports;
    this.#failoverAt = clock.now();
    this.#failover?.end();
    this.#failover = trackFailover({ master: name, ...facts }, moving, { clock, onReport: onFailover });
    this.#members.forEach((member) => member.endPause());
  }

  /**
   * Handles a server that refused the connection or has another role: the sentinel that named it is discredited and
   * asked last, and the last failover is no longer trusted. A client that asked for a replica is sent to another one at
   * once if there is one, because its backoff is for servers that are down, not for a list that is outdated.
   */
  #reject(member: GroupMember): void {
    const { assignedBy, assignedServer, alternatives } = member;
    this.#failoverAt = -Infinity;
    member.reject();
    if (assignedBy !== undefined) {
      this.#ports.discovery.askLast(assignedBy);
      this.#votes.discredit(assignedBy);
    }
    this.#passOverIfUnconfirmed(member);
    if (assignedServer !== undefined && alternatives.some((server) => !this.#wasRejected(server)))
      member.client.dialNow();
  }

  /** Passes over a replica from which this client has not learned, at its last dial, that it is a replica. */
  #passOverIfUnconfirmed({ isReplica, isConfirmed, assignedServer }: GroupMember): void {
    if (!isReplica || isConfirmed || assignedServer === undefined) return;
    this.#rejectedAt.set(assignedServer, this.#ports.clock.now());
  }

  #wasRejected(server: string): boolean {
    const at = this.#rejectedAt.get(server) ?? -Infinity;
    return this.#ports.clock.now() - at < REJECTED_MS;
  }

  #confirm(member: GroupMember): void {
    member.isConfirmed = true;
    if (member.assignedServer !== undefined) {
      this.#votes.confirm(member.assignedServer);
      this.#rejectedAt.delete(member.assignedServer);
    }
    this.#failover?.markReady(member);
  }

  #leave(member: GroupMember): void {
    this.#members.delete(member);
    this.#failover?.markReady(member);
    if (this.#isMonitoring && this.#followers().length === 0) {
      this.#isMonitoring = false;
      this.#isWatched = false;
      this.#monitor.stop();
    }
    if (this.#members.size === 0) this.#ports.onEmpty();
  }
}

/** Facts of a failover that are known when it is detected. */
export type FailoverFacts = Pick<FailoverReport, 'master' | 'from' | 'to' | 'detectedBy' | 'sentinel'>;

/** Time limit for the clients to become ready, after which the failover is reported all the same. */
const READY_TIMEOUT_MS = 10_000;

/** A failover whose clients are not all ready yet. */
export interface FailoverTracker {
  /** Tells that a client is ready on its new server, or has left the group. */
  markReady(client: object): void;
  /** Reports the failover now, with the clients that are not ready as pending. */
  end(): void;
}

/** Waits until all clients of a failover are ready, and reports the failover once. */
export function trackFailover(
  facts: FailoverFacts,
  clients: readonly object[],
  { clock, onReport }: { readonly clock: Clock; readonly onReport: (report: FailoverReport) => void },
): FailoverTracker {
  const startedAt = clock.now();
  const pending = new Set(clients);
  let isReported = false;

  function end(): void {
    timer.cancel();
    if (isReported) return;
    isReported = true;
    const durationMs = clock.now() - startedAt;
    onReport({ ...facts, clients: clients.length, pending: pending.size, durationMs });
  }

  const timer = clock.after(READY_TIMEOUT_MS, end);
  if (clients.length === 0) end();
  return {
    markReady: (client) => void (pending.delete(client) && pending.size === 0 && end()),
    end,
  };
}
