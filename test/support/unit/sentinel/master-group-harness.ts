import type {
  GroupMembership,
  SearchListener,
  SentinelClient,
} from '../../../../src/connect/connectors/sentinel-connector.js';
import { HygieneError } from '../../../../src/core/errors.js';
import { type FailoverReport, MasterGroup } from '../../../../src/sentinel/master-group.js';
import type { MasterDiscovery, DiscoveryResult } from '../../../../src/sentinel/master-discovery.js';
import type { Learned, SentinelMonitorPorts } from '../../../../src/sentinel/sentinel-monitor.js';
import type { MasterReport } from '../../../../src/sentinel/sentinel-query.js';
import type { Description } from '../../../../src/sentinel/sentinel-replies.js';
import { createFakeClock, turn } from '../fake-clock.js';

const unreachable = () => new HygieneError('HYG_SENTINEL_UNREACHABLE', 'None of them answers.');

/** What a sentinel answers. */
export function names(port: number, epoch = 0, sentinel = 1): DiscoveryResult<MasterReport> {
  const answer = { master: { host: 'h', port }, epoch, id: undefined, others: [] };
  return { result: { sentinel: { host: 's', port: sentinel }, answer }, failures: [] };
}

export function lists(replicas: readonly Description[]): DiscoveryResult<readonly Description[]> {
  return { result: { sentinel: { host: 's', port: 1 }, answer: replicas }, failures: [] };
}

export function fails<Answer>(error = unreachable()): DiscoveryResult<Answer> {
  return { result: error, failures: [error] };
}

/** One client, and what it has been told and found. */
export interface FakeClient extends GroupMembership {
  redials: number;
  readonly reports: string[];
  readonly rounds: string[];
  readonly sentinelErrors: string[];
  /** Searches; the port of the server, or how the search failed. */
  search(): Promise<number | string>;
}

/** A group over sentinels whose answers the test gives, `master` for all or one after the other. */
export function createGroupBench() {
  const clock = createFakeClock();
  const reports: FailoverReport[] = [];
  const lookout = { starts: 0, stops: 0 };
  const distrusted: string[] = [];
  const factory = { isOpen: true };
  const answers: {
    master: () => Promise<DiscoveryResult<MasterReport>> | DiscoveryResult<MasterReport>;
    replicas: () => DiscoveryResult<readonly Description[]>;
  } = { master: () => names(1), replicas: () => lists([]) };
  let questions = 0;
  let empties = 0;
  let hear: SentinelMonitorPorts['hear'] | undefined;

  const finder: MasterDiscovery = {
    master: async () => ((questions += 1), await answers.master()),
    replicas: async () => ((questions += 1), await Promise.resolve(answers.replicas())),
    distrust: (sentinel) => distrusted.push(sentinel),
  };
  const group = new MasterGroup({
    clock,
    name: 'mymaster',
    finder,
    lookout(listener) {
      hear = listener;
      return { start: () => (lookout.starts += 1), stop: () => (lookout.stops += 1) };
    },
    isOpen: () => factory.isOpen,
    onFailover: (report) => reports.push(report),
    onEmpty: () => (empties += 1),
  });

  function join(options: SentinelClient['options'] = {}): FakeClient {
    const told = {
      redials: 0,
      reports: [] as string[],
      rounds: [] as string[],
      sentinelErrors: [] as string[],
    };
    const listener: SearchListener = {
      onSentinelError: ({ code }) => told.sentinelErrors.push(code),
      onRound: ({ code }) => told.rounds.push(code),
    };
    const membership = group.join({
      options: { failoverDetector: true, sentinelRetryStrategy: () => 100, ...options },
      redial: () => (told.redials += 1),
      report: ({ code }) => void told.reports.push(code),
    });
    const search = () =>
      membership.locate(listener).then(
        ({ port }) => port,
        (error: unknown) => (error instanceof HygieneError ? error.code : (error as Error).message),
      );
    return Object.assign(told, membership, { search });
  }

  /** One that has been sent to a server, which takes it. */
  async function joinReady(options: SentinelClient['options'] = {}): Promise<FakeClient> {
    const client = join(options);
    await client.search();
    client.reached();
    client.arrived();
    return client;
  }

  return {
    clock,
    factory,
    answers,
    reports,
    lookout,
    distrusted,
    join,
    joinReady,
    turn,
    questions: () => questions,
    empties: () => empties,
    /** A watched sentinel speaks. */
    hear: (port: number, epoch?: number, learned: Learned = 'switch-master', sentinel = 1) =>
      hear?.({ sentinel: `s:${sentinel}`, master: { host: 'h', port }, epoch }, learned),
  };
}
