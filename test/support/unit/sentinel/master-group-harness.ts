import type {
  GroupMembership,
  SearchListener,
  SentinelClient,
} from '../../../../src/connect/connectors/sentinel-connector.js';
import { HygieneError } from '../../../../src/core/errors.js';
import type { DiscoveryResult, MasterDiscovery } from '../../../../src/sentinel/master-discovery.js';
import { type FailoverReport, MasterGroup } from '../../../../src/sentinel/master-group.js';
import type { FailoverDetection, SentinelMonitorPorts } from '../../../../src/sentinel/sentinel-monitor.js';
import type { MasterReport } from '../../../../src/sentinel/sentinel-query.js';
import type { InstanceInfo } from '../../../../src/sentinel/sentinel-replies.js';
import { createFakeClock, turn } from '../fake-clock.js';

const unreachable = () => new HygieneError('HYG_SENTINEL_UNREACHABLE', 'No sentinel answers.');

/** A round in which a sentinel (`s:1` by default) names the server `h:<port>` as the master. */
export function foundMaster(port: number, epoch = 0, sentinel = 1): DiscoveryResult<MasterReport> {
  const answer = { master: { host: 'h', port }, epoch, id: undefined, others: [] };
  return { result: { sentinel: { host: 's', port: sentinel }, answer }, failures: [] };
}

/** A round in which the sentinel `s:1` lists these replicas. */
export function foundReplicas(replicas: readonly InstanceInfo[]): DiscoveryResult<readonly InstanceInfo[]> {
  return { result: { sentinel: { host: 's', port: 1 }, answer: replicas }, failures: [] };
}

/** A round in which all sentinels failed. */
export function failedRound<Answer>(error = unreachable()): DiscoveryResult<Answer> {
  return { result: error, failures: [error] };
}

/** A client of a group, and the calls that it received. */
export interface FakeClient extends GroupMembership {
  redials: number;
  /** What the client was told of the watching of its sentinels. */
  readonly events: string[];
  /** How often the delay before the next dial was skipped, because another server was listed. */
  skippedDelays: number;
  /** Codes of the errors that were reported to the factory. */
  readonly reports: string[];
  /** Codes of the failed rounds. */
  readonly rounds: string[];
  readonly sentinelErrors: string[];
  /** Searches for the server. Resolves with its port, or with the code or message of the error. */
  search(): Promise<number | string>;
}

/** A group whose discovery and monitor are played by the test. */
export function createGroupBench() {
  const clock = createFakeClock();
  const failovers: FailoverReport[] = [];
  const monitor = { starts: 0, stops: 0 };
  const askedLast: string[] = [];
  const factory = { isOpen: true };
  const results: {
    master: () => Promise<DiscoveryResult<MasterReport>> | DiscoveryResult<MasterReport>;
    replicas: () => DiscoveryResult<readonly InstanceInfo[]>;
  } = { master: () => foundMaster(1), replicas: () => foundReplicas([]) };
  let rounds = 0;
  let onEmptyCalls = 0;
  let listener: Pick<SentinelMonitorPorts, 'onVote' | 'onLost' | 'onSettled'> | undefined;

  const discovery: MasterDiscovery = {
    findMaster: async () => ((rounds += 1), await results.master()),
    findReplicas: async () => ((rounds += 1), await Promise.resolve(results.replicas())),
    askLast: (sentinel) => askedLast.push(sentinel),
  };
  const group = new MasterGroup({
    clock,
    name: 'mymaster',
    discovery,
    createMonitor(given) {
      listener = given;
      return { start: () => (monitor.starts += 1), stop: () => (monitor.stops += 1) };
    },
    isOpen: () => factory.isOpen,
    onFailover: (report) => failovers.push(report),
    onEmpty: () => (onEmptyCalls += 1),
  });

  function join(options: SentinelClient['options'] = {}): FakeClient {
    const calls = {
      events: [] as string[],
      redials: 0,
      skippedDelays: 0,
      reports: [] as string[],
      rounds: [] as string[],
      sentinelErrors: [] as string[],
    };
    const searchListener: SearchListener = {
      onSentinelError: ({ code }) => calls.sentinelErrors.push(code),
      onRoundFailed: ({ code }) => calls.rounds.push(code),
    };
    const membership = group.join({
      options: { failoverDetector: true, sentinelRetryStrategy: () => 100, ...options },
      redial: () => (calls.redials += 1),
      dialNow: () => (calls.skippedDelays += 1),
      report: ({ code }) => void calls.reports.push(code),
      onWatched: () => void calls.events.push('watched'),
      onSentinelLost: () => void calls.events.push('sentinel lost'),
    });
    const search = () =>
      membership.locate(searchListener).then(
        ({ port }) => port,
        (error: unknown) => (error instanceof HygieneError ? error.code : (error as Error).message),
      );
    return Object.assign(calls, membership, { search });
  }

  /** Joins a client that is connected to the server that it was sent to. */
  async function joinReady(options: SentinelClient['options'] = {}): Promise<FakeClient> {
    const client = join(options);
    await client.search();
    client.onConnected();
    client.onRoleConfirmed();
    return client;
  }

  return {
    clock,
    factory,
    results,
    failovers,
    monitor,
    askedLast,
    join,
    joinReady,
    turn,
    rounds: () => rounds,
    onEmptyCalls: () => onEmptyCalls,
    /** Each watched sentinel has answered. */
    settle: () => listener?.onSettled(),
    loseSentinel: () => listener?.onLost(),
    /** A watched sentinel (`s:1` by default) votes for the server `h:<port>`. */
    vote: (port: number, epoch?: number, detectedBy: FailoverDetection = 'switch-master', sentinel = 1) =>
      listener?.onVote({ sentinel: `s:${sentinel}`, master: { host: 'h', port }, epoch }, detectedBy),
  };
}
