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
import { type NodeAddress, chooseReplica, formatAddress, applyNatMap } from './sentinel-replies.js';

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
  readonly createMonitor: (onVote: SentinelMonitorPorts['onVote']) => SentinelMonitor;
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

/** The clients of a factory that follow the same master over the same sentinels. */
export class MasterGroup {
  readonly #ports: MasterGroupPorts;
  readonly #members = new Set<GroupMember>();
  readonly #votes: MasterVotes;
  readonly #monitor: SentinelMonitor;
  #isMonitoring = false;
  /** `host:port` of the master that the clients are sent to. */
  #master: string | undefined;
  /** When the last failover was detected. */
  #failoverAt = -Infinity;
  #failover: FailoverTracker | undefined;

  constructor(ports: MasterGroupPorts) {
    this.#ports = ports;
    this.#votes = createMasterVotes(ports.clock);
    this.#monitor = ports.createMonitor((vote, detectedBy) => this.#recordVote(vote, detectedBy));
  }

  join(client: SentinelClient): GroupMembership {
    const member = new GroupMember(client, this.#ports.clock);
    this.#members.add(member);
    return {
      locate: (listener) => member.search((isCancelled) => this.#search(member, listener, isCancelled)),
      cancelSearch: () => member.cancelSearch(),
      onConnected: () => member.settle(),
      onRoleConfirmed: () => this.#confirm(member),
      onWrongRole: () => this.#distrust(member),
      leave: () => this.#leave(member),
    };
  }

  async #search(
    member: GroupMember,
    listener: SearchListener,
    isCancelled: () => boolean,
  ): Promise<ServerAddress> {
    if (!member.isSettled) this.#distrust(member); // the server assigned last did not accept the connection
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
    if (elected) return { server: elected, sentinel: undefined };
    const { result, failures } = await discovery.findMaster();
    failures.forEach(listener.onSentinelError);
    if (result instanceof HygieneError) return result;
    const sentinel = formatAddress(result.sentinel);
    this.#recordVote({ sentinel, ...result.answer }, 'query');
    const server = this.#votes.electMaster();
    return server ? { server, sentinel } : masterUnknownError(name);
  }

  async #findReplica(member: GroupMember, listener: SearchListener): Promise<NamedServer | HygieneError> {
    const { clock, discovery, name } = this.#ports;
    const { result, failures } = await discovery.findReplicas();
    failures.forEach(listener.onSentinelError);
    if (result instanceof HygieneError) return result;
    const { preferredSlaves } = member.client.options;
    const server = chooseReplica(result.answer, preferredSlaves, clock.random());
    return server ? { server, sentinel: formatAddress(result.sentinel) } : replicaUnavailableError(name);
  }

  #assign(member: GroupMember, { server, sentinel, address }: LocatedServer): ServerAddress {
    member.assign(formatAddress(server), sentinel);
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
    const following = [...this.#members].filter(({ followsFailovers }) => followsFailovers);
    const misplaced = following.filter((member) => member.isOnWrongServer(master));
    if (before !== undefined && before !== master) {
      const moving = [...misplaced, ...following.filter(({ isSearching }) => isSearching)];
      this.#startFailover({ from: before, to: master, detectedBy, sentinel: vote.sentinel }, moving);
    }
    for (const member of misplaced) {
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
   * asked last, and the last failover is no longer trusted.
   */
  #distrust({ assignedBy }: GroupMember): void {
    this.#failoverAt = -Infinity;
    if (assignedBy === undefined) return;
    this.#ports.discovery.askLast(assignedBy);
    this.#votes.discredit(assignedBy);
  }

  #confirm(member: GroupMember): void {
    if (member.assignedServer !== undefined) this.#votes.confirm(member.assignedServer);
    this.#failover?.markReady(member);
  }

  #leave(member: GroupMember): void {
    this.#members.delete(member);
    this.#failover?.markReady(member);
    if (this.#isMonitoring && ![...this.#members].some(({ followsFailovers }) => followsFailovers)) {
      this.#isMonitoring = false;
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
