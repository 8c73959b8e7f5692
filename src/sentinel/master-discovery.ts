import type { Clock } from '../core/clock.js';
import { HygieneError, isReplyError } from '../core/errors.js';
import {
  allSentinelsFailedError,
  masterUnknownError,
  replicaUnavailableError,
  sentinelFailedError,
  type SentinelFailure,
} from './sentinel-errors.js';
import { isTimeout, type QueryLimits } from './sentinel-connections.js';
import { type MasterReport, queryMaster, type SentinelCall, type SentinelQuery } from './sentinel-query.js';
import { type NodeAddress, type InstanceInfo, formatAddress, readReplicas } from './sentinel-replies.js';

export interface MasterDiscoveryPorts {
  readonly clock: Clock;
  /**
   * Sends a query to one sentinel.
   *
   * @throws Error if there is no answer
   */
  readonly querySentinel: <Answer>(
    sentinel: NodeAddress,
    query: SentinelQuery<Answer>,
    limits: QueryLimits,
  ) => Promise<Answer>;
  /** The master's name. */
  readonly name: string;
  /** The sentinels in the caller's options. */
  readonly sentinels: readonly NodeAddress[];
  /** How long one sentinel may give no sign of life, in milliseconds. Grows while no sentinel answers in time. */
  readonly timeoutMs: number;
  /** Address under which a discovered sentinel is reached. Undefined if only the configured ones are asked. */
  readonly mapDiscoveredAddress: ((other: NodeAddress) => NodeAddress) | undefined;
}

/** Result of one round through the sentinels. */
export interface DiscoveryResult<Answer> {
  /** The first answer and the sentinel that gave it, or the reason why there is none. */
  readonly result: { readonly sentinel: NodeAddress; readonly answer: Answer } | HygieneError;
  /** An error for each sentinel that could not answer. */
  readonly failures: readonly HygieneError[];
}

/** Asks the sentinels of a master. Clients that search at the same time share a round. */
export interface MasterDiscovery {
  findMaster(): Promise<DiscoveryResult<MasterReport>>;
  findReplicas(): Promise<DiscoveryResult<readonly InstanceInfo[]>>;
  /** Asks this sentinel (`host:port`) after all others from now on, because its answer was wrong. */
  askLast(sentinel: string): void;
}

/**
 * Wait before the next sentinel is asked as well, as a share of the time limit, and its maximum. With a third, two
 * frozen sentinels cost less time than the limit of one.
 */
const STAGGER_SHARE = 1 / 3;
const MAX_STAGGER_MS = 1_000;

/** Longest such time. It doubles after each round in which sentinels were too slow and none answered. */
const MAX_TIMEOUT_MS = 10_000;

/** Pause between two rounds if the first one failed. However many clients search, there are at most 5 rounds a second. */
const PAUSE_AFTER_FAILURE_MS = 200;

export function createMasterDiscovery(ports: MasterDiscoveryPorts): MasterDiscovery {
  const { clock, name, timeoutMs, mapDiscoveredAddress, querySentinel } = ports;
  let sentinels = [...ports.sentinels];
  let limitMs = timeoutMs;

  /** Splits the sentinels into those with this address and the others. */
  function splitBy(address: string): [NodeAddress[], NodeAddress[]] {
    const hasAddress = (sentinel: NodeAddress) => formatAddress(sentinel) === address;
    return [sentinels.filter(hasAddress), sentinels.filter((sentinel) => !hasAddress(sentinel))];
  }

  function askFirst(sentinel: NodeAddress): void {
    const [first, others] = splitBy(formatAddress(sentinel));
    sentinels = [...first, ...others];
  }

  function askLast(sentinel: string): void {
    const [last, others] = splitBy(sentinel);
    sentinels = [...others, ...last];
  }

  async function runRound<Answer>(
    query: (call: SentinelCall, name: string) => Promise<Answer>,
  ): Promise<DiscoveryResult<Answer>> {
    const startedAt = clock.now();
    const { answered, failures } = await runDiscoveryRound(sentinels, {
      clock,
      staggerMs: Math.min(timeoutMs * STAGGER_SHARE, MAX_STAGGER_MS),
      query: (sentinel, signal) =>
        querySentinel(sentinel, (call) => query(call, name), { timeoutMs: limitMs, signal }),
    });
    limitMs = nextLimitMs(limitMs, timeoutMs, failures, answered ? clock.now() - startedAt : undefined);
    if (answered) askFirst(answered.sentinel);
    return {
      result: answered ?? allSentinelsFailedError(name, failures),
      failures: failures.map((failure) => sentinelFailedError(name, failure)),
    };
  }

  async function findMaster(): Promise<DiscoveryResult<MasterReport>> {
    const discovery = await runRound(queryKnownMaster);
    if (mapDiscoveredAddress && 'answer' in discovery.result) {
      const { sentinel, answer } = discovery.result;
      const others = answer.others.map(({ address }) => mapDiscoveredAddress(address));
      sentinels = updateSentinels(sentinels, [...ports.sentinels, sentinel, ...others]);
    }
    return discovery;
  }

  return {
    findMaster: shareRounds(clock, findMaster),
    findReplicas: shareRounds(clock, () => runRound(queryReplicas)),
    askLast,
  };
}

/** The limit of the next round: doubled if this one failed for lack of time, and kept while answers take longer than `minMs`. */
function nextLimitMs(
  limitMs: number,
  minMs: number,
  failures: readonly SentinelFailure[],
  answeredMs: number | undefined,
): number {
  if (answeredMs !== undefined) return answeredMs > minMs ? limitMs : minMs;
  const isTooShort = failures.some(({ error }) => isTimeout(error));
  return isTooShort ? Math.max(minMs, Math.min(2 * limitMs, MAX_TIMEOUT_MS)) : minMs;
}

async function queryKnownMaster(call: SentinelCall, name: string): Promise<MasterReport> {
  const report = await queryMaster(call, name);
  if (!report.master) throw masterUnknownError(name);
  return report;
}

/**
 * Asks a sentinel for the replicas of a master with SENTINEL SLAVES, as ioredis does: older sentinels and the rights of many
 * users know no other word. A sentinel that refuses it is asked with SENTINEL REPLICAS.
 */
async function queryReplicas(call: SentinelCall, name: string): Promise<readonly InstanceInfo[]> {
  const reply = await call('sentinel', 'slaves', name).catch((error: unknown) => {
    if (!isReplyError(error)) throw error;
    if (error.message.includes('No such master')) throw masterUnknownError(name);
    return call('sentinel', 'replicas', name);
  });
  const replicas = readReplicas(reply);
  if (replicas.length === 0) throw replicaUnavailableError(name);
  return replicas;
}

/**
 * Updates the list of sentinels: those that are still present in the order of before, then the new ones. Sentinels that
 * have moved are dropped.
 */
function updateSentinels(before: readonly NodeAddress[], present: readonly NodeAddress[]): NodeAddress[] {
  const added = new Map(present.map((sentinel) => [formatAddress(sentinel), sentinel]));
  const kept = before.filter((sentinel) => added.delete(formatAddress(sentinel)));
  return [...kept, ...added.values()];
}

/** Shares a running round among all callers, and delays the round that follows a failed one. */
function shareRounds<Answer>(
  clock: Clock,
  startRound: () => Promise<DiscoveryResult<Answer>>,
): () => Promise<DiscoveryResult<Answer>> {
  let running: Promise<DiscoveryResult<Answer>> | undefined;
  let notBefore = 0;

  async function run(): Promise<DiscoveryResult<Answer>> {
    const pauseMs = notBefore - clock.now();
    if (pauseMs > 0) await new Promise<void>((resolve) => void clock.afterRef(pauseMs, resolve));
    const discovery = await startRound();
    if (discovery.result instanceof HygieneError) notBefore = clock.now() + PAUSE_AFTER_FAILURE_MS;
    return discovery;
  }
  return () => (running ??= run().finally(() => (running = undefined)));
}

/** How a round through the sentinels ended. */
export interface DiscoveryRoundResult<Answer> {
  /** The first answer. Undefined if all sentinels failed. */
  readonly answered: { readonly sentinel: NodeAddress; readonly answer: Answer } | undefined;
  readonly failures: readonly SentinelFailure[];
}

export interface DiscoveryRoundPorts<Answer> {
  readonly clock: Clock;
  /** How long a sentinel may take before the next one is asked as well, in milliseconds. */
  readonly staggerMs: number;
  /** Queries one sentinel. The signal is aborted when the round is over. */
  readonly query: (sentinel: NodeAddress, signal: AbortSignal) => Promise<Answer>;
}

/**
 * Asks one sentinel after the other. The next one is asked as soon as one has failed or is slow; a slow one may still
 * answer. The first answer counts.
 */
export function runDiscoveryRound<Answer>(
  sentinels: readonly NodeAddress[],
  { clock, staggerMs, query }: DiscoveryRoundPorts<Answer>,
): Promise<DiscoveryRoundResult<Answer>> {
  const failures: SentinelFailure[] = [];
  const remaining = [...sentinels];
  const round = new AbortController();
  let timer: ReturnType<Clock['after']> | undefined;

  return new Promise((resolve) => {
    function end(answered: DiscoveryRoundResult<Answer>['answered']): void {
      timer?.cancel();
      resolve({ answered, failures });
      round.abort();
    }

    function fail(failure: SentinelFailure): void {
      if (round.signal.aborted) return;
      failures.push(failure);
      if (failures.length === sentinels.length) end(undefined);
      else askNext();
    }

    function askNext(): void {
      timer?.cancel();
      const sentinel = remaining.shift();
      if (!sentinel) return;
      timer = clock.after(staggerMs, askNext);
      query(sentinel, round.signal).then(
        (answer) => end({ sentinel, answer }),
        (error: unknown) => fail({ sentinel, error: error as Error }),
      );
    }

    askNext();
  });
}
