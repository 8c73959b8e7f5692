import type { Clock } from '../core/clock.js';
import { HygieneError, isReply } from '../core/errors.js';
import {
  type Failure,
  masterUnknown,
  replicaUnavailable,
  roundFailure,
  sentinelFailure,
} from './sentinel-errors.js';
import {
  askForMaster,
  type Call,
  type MasterReport,
  type OpenSentinel,
  putQuestion,
} from './sentinel-query.js';
import { type Address, type Description, formatAddress, readReplicas } from './sentinel-replies.js';

export interface FinderPorts {
  readonly clock: Clock;
  readonly open: OpenSentinel;
  /** The name of the master. */
  readonly name: string;
  /** As the caller gave them. */
  readonly sentinels: readonly Address[];
  /** How long one sentinel may take, from the dial to the answer. */
  readonly limitMs: number;
  /** Where those are reached that the sentinels tell of; missing where only the given ones are asked. */
  readonly reach: ((other: Address) => Address) | undefined;
}

/** What a round through the sentinels has brought. */
export interface Finding<Answer> {
  /** The first answer, or why there is none. */
  readonly result: { readonly sentinel: Address; readonly answer: Answer } | HygieneError;
  /** One for each sentinel that did not help. */
  readonly failures: readonly HygieneError[];
}

/** Asks the sentinels of a master, over connections that live for one question. */
export interface Finder {
  /** Clients that search at the same time share a round. */
  master(): Promise<Finding<MasterReport>>;
  replicas(): Promise<Finding<readonly Description[]>>;
  /** What this one said has led nowhere: it is asked last from now on. */
  distrust(sentinel: string): void;
}

/** A third of the limit, at most a second: two frozen sentinels cost less than the time that one may take. */
const STAGGER_SHARE = 1 / 3;
const STAGGER_MAX_MS = 1_000;

/** Asks for the replicas of a master. */
async function askForReplicas(call: Call, name: string): Promise<readonly Description[]> {
  const replicas = await call('sentinel', 'replicas', name).then(readReplicas, (error: unknown) => {
    throw isReply(error) && error.message.includes('No such master') ? masterUnknown(name) : error;
  });
  if (replicas.length === 0) throw replicaUnavailable(name);
  return replicas;
}

async function askForKnownMaster(call: Call, name: string): Promise<MasterReport> {
  const report = await askForMaster(call, name);
  if (!report.master) throw masterUnknown(name);
  return report;
}

/** In the order of before those that are still there, and then the others: one that has moved is not asked for ever. */
function refresh(before: readonly Address[], present: readonly Address[]): Address[] {
  const left = new Map(present.map((one) => [formatAddress(one), one]));
  const kept = before.filter((one) => left.delete(formatAddress(one)));
  return [...kept, ...left.values()];
}

/** Between two rounds when the first one has brought nothing: so sentinels see five in a second, and no storm. */
const SPACING_MS = 200;

/** One round for all who ask while it lasts. After one that brought nothing, the next one waits. */
function shared<Answer>(clock: Clock, begin: () => Promise<Finding<Answer>>): () => Promise<Finding<Answer>> {
  let underWay: Promise<Finding<Answer>> | undefined;
  let notBefore = 0;

  async function run(): Promise<Finding<Answer>> {
    const waitMs = notBefore - clock.now();
    if (waitMs > 0) await new Promise<void>((resolve) => void clock.hold(waitMs, resolve));
    const finding = await begin();
    if (finding.result instanceof HygieneError) notBefore = clock.now() + SPACING_MS;
    return finding;
  }
  return () => (underWay ??= run().finally(() => (underWay = undefined)));
}

export function createFinder(ports: FinderPorts): Finder {
  const { clock, name, limitMs, reach } = ports;
  let sentinels = [...ports.sentinels];

  /** Those with this address, and the others. */
  function split(address: string): [Address[], Address[]] {
    const is = (one: Address) => formatAddress(one) === address;
    return [sentinels.filter(is), sentinels.filter((one) => !is(one))];
  }

  function prefer(sentinel: Address): void {
    const [first, others] = split(formatAddress(sentinel));
    sentinels = [...first, ...others];
  }

  function distrust(sentinel: string): void {
    const [last, others] = split(sentinel);
    sentinels = [...others, ...last];
  }

  async function round<Answer>(
    question: (call: Call, name: string) => Promise<Answer>,
  ): Promise<Finding<Answer>> {
    const { answered, failures } = await askAround(sentinels, {
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

  async function askForMasterAround(): Promise<Finding<MasterReport>> {
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
  readonly answered: { readonly sentinel: Address; readonly answer: Answer } | undefined;
  readonly failures: readonly Failure[];
}

export interface RoundPorts<Answer> {
  readonly clock: Clock;
  /** How long the next sentinel waits for the one before it, in milliseconds. */
  readonly staggerMs: number;
  /** The questions still open are called off when the round is over. */
  readonly put: (sentinel: Address, signal: AbortSignal) => Promise<Answer>;
}

/**
 * Asks one sentinel after the other: the next one as soon as one has failed or is slow, which may still answer. The
 * first answer counts.
 */
export function askAround<Answer>(
  sentinels: readonly Address[],
  { clock, staggerMs, put }: RoundPorts<Answer>,
): Promise<Outcome<Answer>> {
  const failures: Failure[] = [];
  const waiting = [...sentinels];
  const round = new AbortController();
  let timer: ReturnType<Clock['after']> | undefined;

  return new Promise((resolve) => {
    function end(answered: Outcome<Answer>['answered']): void {
      timer?.cancel();
      resolve({ answered, failures });
      round.abort();
    }

    function fail(failure: Failure): void {
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
