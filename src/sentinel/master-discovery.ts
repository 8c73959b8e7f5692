import type { Clock } from '../core/clock.js';
import { HygieneError, isReplyError } from '../core/errors.js';
import {
  type SentinelFailure,
  masterUnknown,
  replicaUnavailable,
  roundFailure,
  sentinelFailure,
} from './sentinel-errors.js';
import {
  askForMaster,
  type SentinelCall,
  type MasterReport,
  type OpenSentinel,
  putQuestion,
} from './sentinel-query.js';
import { type NodeAddress, type Description, formatAddress, readReplicas } from './sentinel-replies.js';

export interface MasterDiscoveryPorts {
  readonly clock: Clock;
  readonly open: OpenSentinel;
  /** The name of the master. */
  readonly name: string;
  /** As the caller gave them. */
  readonly sentinels: readonly NodeAddress[];
  /** How long one sentinel may take, from the dial to the answer. */
  readonly limitMs: number;
  /** Where those are reached that the sentinels tell of; missing where only the given ones are asked. */
  readonly reach: ((other: NodeAddress) => NodeAddress) | undefined;
}

/** What a round through the sentinels has brought. */
export interface DiscoveryResult<Answer> {
  /** The first answer, or why there is none. */
  readonly result: { readonly sentinel: NodeAddress; readonly answer: Answer } | HygieneError;
  /** One for each sentinel that did not help. */
  readonly failures: readonly HygieneError[];
}

/** Asks the sentinels of a master, over connections that live for one question. */
export interface MasterDiscovery {
  /** Clients that search at the same time share a round. */
  master(): Promise<DiscoveryResult<MasterReport>>;
  replicas(): Promise<DiscoveryResult<readonly Description[]>>;
  /** What this one said has led nowhere: it is asked last from now on. */
  distrust(sentinel: string): void;
}

/** A third of the limit, at most a second: two frozen sentinels cost less than the time that one may take. */
const STAGGER_SHARE = 1 / 3;
const STAGGER_MAX_MS = 1_000;

/** Asks for the replicas of a master. */
async function askForReplicas(call: SentinelCall, name: string): Promise<readonly Description[]> {
  const replicas = await call('sentinel', 'replicas', name).then(readReplicas, (error: unknown) => {
    throw isReplyError(error) && error.message.includes('No such master') ? masterUnknown(name) : error;
  });
  if (replicas.length === 0) throw replicaUnavailable(name);
  return replicas;
}

async function askForKnownMaster(call: SentinelCall, name: string): Promise<MasterReport> {
  const report = await askForMaster(call, name);
  if (!report.master) throw masterUnknown(name);
  return report;
}

/** In the order of before those that are still there, and then the others: one that has moved is not asked for ever. */
function refresh(before: readonly NodeAddress[], present: readonly NodeAddress[]): NodeAddress[] {
  const left = new Map(present.map((one) => [formatAddress(one), one]));
  const kept = before.filter((one) => left.delete(formatAddress(one)));
  return [...kept, ...left.values()];
}

/** Between two rounds when the first one has brought nothing: so sentinels see five in a second, and no storm. */
const SPACING_MS = 200;

/** One round for all who ask while it lasts. After one that brought nothing, the next one waits. */
function shared<Answer>(
  clock: Clock,
  begin: () => Promise<DiscoveryResult<Answer>>,
): () => Promise<DiscoveryResult<Answer>> {
  let underWay: Promise<DiscoveryResult<Answer>> | undefined;
  let notBefore = 0;

  async function run(): Promise<DiscoveryResult<Answer>> {
    const waitMs = notBefore - clock.now();
    if (waitMs > 0) await new Promise<void>((resolve) => void clock.hold(waitMs, resolve));
    const finding = await begin();
    if (finding.result instanceof HygieneError) notBefore = clock.now() + SPACING_MS;
    return finding;
  }
  return () => (underWay ??= run().finally(() => (underWay = undefined)));
}

export function createMasterDiscovery(ports: MasterDiscoveryPorts): MasterDiscovery {
  const { clock, name, limitMs, reach } = ports;
  let sentinels = [...ports.sentinels];

  /** Those with this address, and the others. */
  function split(address: string): [NodeAddress[], NodeAddress[]] {
    const is = (one: NodeAddress) => formatAddress(one) === address;
    return [sentinels.filter(is), sentinels.filter((one) => !is(one))];
  }

  function prefer(sentinel: NodeAddress): void {
    const [first, others] = split(formatAddress(sentinel));
    sentinels = [...first, ...others];
  }

  function distrust(sentinel: string): void {
    const [last, others] = split(sentinel);
    sentinels = [...others, ...last];
  }

  async function round<Answer>(
    question: (call: SentinelCall, name: string) => Promise<Answer>,
  ): Promise<DiscoveryResult<Answer>> {
    const { answered, failures } = await runDiscoveryRound(sentinels, {
      clock,
      staggerMs: Math.min(limitMs * STAGGER_SHARE, STAGGER_MAX_MS),
      put: (sentinel, signal) => putQuestion(ports, sentinel, (call) => question(call, name), signal),
    });
    if (answered) prefer(answered.sentinel);
    return {
      result: answered ?? roundFailure(name, failures),
      failures: failures.map((failure) => sentinelFailure(name, failure)),
    };
  }

  async function askForMasterAround(): Promise<DiscoveryResult<MasterReport>> {
    const finding = await round(askForKnownMaster);
    if (reach && 'answer' in finding.result) {
      const { sentinel, answer } = finding.result;
      const told = answer.others.map(({ address }) => reach(address));
      sentinels = refresh(sentinels, [...ports.sentinels, sentinel, ...told]);
    }
    return finding;
  }

  return {
    master: shared(clock, askForMasterAround),
    replicas: shared(clock, () => round(askForReplicas)),
    distrust,
  };
}

/** How a round through the sentinels ended. */
export interface Outcome<Answer> {
  /** Nothing where none of them helped. */
  readonly answered: { readonly sentinel: NodeAddress; readonly answer: Answer } | undefined;
  readonly failures: readonly SentinelFailure[];
}

export interface DiscoveryRoundPorts<Answer> {
  readonly clock: Clock;
  /** How long the next sentinel waits for the one before it, in milliseconds. */
  readonly staggerMs: number;
  /** The questions still open are called off when the round is over. */
  readonly put: (sentinel: NodeAddress, signal: AbortSignal) => Promise<Answer>;
}

/**
 * Asks one sentinel after the other: the next one as soon as one has failed or is slow, which may still answer. The
 * first answer counts.
 */
export function runDiscoveryRound<Answer>(
  sentinels: readonly NodeAddress[],
  { clock, staggerMs, put }: DiscoveryRoundPorts<Answer>,
): Promise<Outcome<Answer>> {
  const failures: SentinelFailure[] = [];
  const waiting = [...sentinels];
  const round = new AbortController();
  let timer: ReturnType<Clock['after']> | undefined;

  return new Promise((resolve) => {
    function end(answered: Outcome<Answer>['answered']): void {
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
      const sentinel = waiting.shift();
      if (!sentinel) return;
      timer = clock.after(staggerMs, askNext);
      put(sentinel, round.signal).then(
        (answer) => end({ sentinel, answer }),
        (error: unknown) => fail({ sentinel, error: error as Error }),
      );
    }

    askNext();
  });
}
