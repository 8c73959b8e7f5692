import fc from 'fast-check';
import { expect } from 'vitest';
import {
  createHealthCheckScheduler,
  type HealthCheckScheduler,
} from '../../../../src/liveness/health-check-scheduler.js';
import { checkPeriodMs, type HealthCheckSettings } from '../../../../src/liveness/health-check-target.js';
import type { HealthCheck } from '../../../../src/liveness/health-check.js';
import type { SendQueueState, TcpFlow } from '../../../../src/liveness/tcp-state.js';
import { EventLoopModel, type BlockedPhase } from './event-loop-model.js';
import { PeerModel, type CommandKind, type PeerPace } from './peer-model.js';

type LivenessStep =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'block'; readonly ms: number; readonly phase: BlockedPhase; readonly times: number }
  | { readonly kind: 'send'; readonly which: number; readonly command: CommandKind }
  | { readonly kind: 'sendLong'; readonly which: number; readonly ms: number }
  | { readonly kind: 'passUntilRead' }
  | { readonly kind: 'push'; readonly which: number; readonly delayMs: number }
  | { readonly kind: 'stall'; readonly which: number; readonly share: number }
  | { readonly kind: 'pace'; readonly which: number; readonly pace: PeerPace }
  | { readonly kind: 'open'; readonly settings: HealthCheckSettings; readonly handshakeSteps: number }
  | { readonly kind: 'close'; readonly which: number };

export interface LivenessScenario {
  readonly random: number;
  /** Time of each of the three stages in which a file is read, in milliseconds. */
  readonly stageMs: number;
  readonly first: HealthCheckSettings;
  readonly steps: readonly LivenessStep[];
}

export function anyLivenessScenario(network?: NetworkKinds, maxLength = 60): fc.Arbitrary<LivenessScenario> {
  return fc.record({
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    stageMs: fc.nat(20),
    first: network?.hasManyHandshakes ? fc.constant(patientSettings) : anyLivenessSettings,
    steps: fc.array(anyLivenessStep(network), { maxLength, size: 'max' }),
  });
}

/** Takes all steps. Throws when a living peer is found stale. */
export async function expectNoneStale(
  { steps, ...scenario }: LivenessScenario,
  onStep: () => void,
  options?: LivenessModelOptions,
): Promise<void> {
  const model = new LivenessModel(scenario, options);
  for (const step of steps) {
    await model.take(step);
    onStep();
    expect(model.stale()).toEqual([]);
  }
}

/** Settings as options allow them, most often the defaults. */
const anyLivenessSettings: fc.Arbitrary<HealthCheckSettings> = fc
  .record({
    heartbeatIntervalMs: fc.constantFrom(15_000, 1_000, 5_000, 60_000),
    deadline: fc.constantFrom(5_000, 300, 1_000, 30_000),
    stallLimitMs: fc.constantFrom(60_000, 1_000, 20_000),
    handshakeTimeoutMs: fc.constantFrom(10_000, 1_000, 30_000),
  })
  .map(({ deadline, ...settings }) => ({
    ...settings,
    heartbeatDeadlineMs: Math.min(deadline, settings.heartbeatIntervalMs),
  }));

/** A connection is checked every 3 s, which is longer than its handshake may take. */
const patientSettings: HealthCheckSettings = {
  heartbeatIntervalMs: 60_000,
  heartbeatDeadlineMs: 30_000,
  stallLimitMs: 60_000,
  handshakeTimeoutMs: 1_000,
};

const anyShare = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);

/** Steps beyond those of a fast network. */
interface NetworkKinds {
  /** The longest time until bytes are acknowledged, a lost packet included. */
  readonly maxAckMs?: number;
  /** Whether commands are sent just while the kernel's state is being read. */
  readonly sendsAtReads?: boolean;
  /** Whether commands are so long that they take seconds to reach the peer. */
  readonly hasLongCommands?: boolean;
  /** Whether connections are opened all the time, with settings that check them seldom. */
  readonly hasManyHandshakes?: boolean;
  /** Whether servers stall, while their machines acknowledge bytes. */
  readonly hasStalls?: boolean;
}

export interface LivenessModelOptions {
  /** Whether the kernel tells the state of connections. */
  readonly isReadable?: boolean;
}

/** Unless more is asked for, bytes are acknowledged within the shortest period between two checks. */
const SHORTEST_PERIOD_MS = 30;

/** Blocks of 2.7 s are longer than half a deadline and shorter than a whole one. */
const anyBlock = fc.record({
  kind: fc.constant('block' as const),
  ms: fc.constantFrom(2_700, 100, 900, 2_400, 4_900, 6_000, 20_000, 600_000),
  phase: fc.constantFrom('poll' as const, 'timers' as const),
  times: fc.constantFrom(1, 2, 10, 30),
});

/** Steps of living connections, whatever happens to the event loop. */
function anyLivenessStep(network: NetworkKinds = {}): fc.Arbitrary<LivenessStep> {
  const { maxAckMs = SHORTEST_PERIOD_MS - 1 } = network;
  const { sendsAtReads = false, hasLongCommands = false, hasStalls = true } = network;
  const opening = network.hasManyHandshakes ? 6 : 1;
  const which = fc.nat(2);
  const anyPace = fc.record({ answer: anyShare, ackMs: fc.nat(maxAckMs) });
  return fc.oneof(
    { weight: sendsAtReads ? 4 : 0, arbitrary: fc.constant({ kind: 'passUntilRead' as const }) },
    {
      weight: hasLongCommands ? 2 : 0,
      arbitrary: fc.record({ kind: fc.constant('sendLong' as const), which, ms: fc.nat(100_000) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        ms: fc.oneof(fc.nat(1_000), fc.nat(30_000)),
      }),
    },
    { weight: 3, arbitrary: anyBlock },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('send' as const),
        which,
        command: fc.constantFrom(
          'command' as const,
          'blocking',
          'blocking for a time',
          'transaction',
          'exec',
        ),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('push' as const), which, delayMs: fc.nat(5_000) }),
    },
    {
      weight: hasStalls ? 2 : 0,
      arbitrary: fc.record({ kind: fc.constant('stall' as const), which, share: anyShare }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('pace' as const), which, pace: anyPace }),
    },
    {
      weight: opening,
      arbitrary: fc.record({
        kind: fc.constant('open' as const),
        settings: network.hasManyHandshakes ? fc.constant(patientSettings) : anyLivenessSettings,
        handshakeSteps: fc.nat(4),
      }),
    },
    { weight: opening, arbitrary: fc.record({ kind: fc.constant('close' as const), which }) },
  );
}

const UNREADABLE: SendQueueState = { kind: 'unreadable', why: 'ENOENT' };

/** The kernel is asked at the latest after this time of silence, with most settings. */
const MAX_WAIT_FOR_READ_MS = 60_000;

export interface ConnectionModel {
  readonly peer: PeerModel;
  readonly healthCheck: HealthCheck;
  /** When the connection became ready. `undefined` during its handshake. */
  readyAt: number | undefined;
}

/** Connections of one process under health checks, each with a peer that lives unless it vanishes. */
export class LivenessModel {
  readonly connections: ConnectionModel[] = [];
  readonly loop: EventLoopModel;
  /** Blocks, with the time at which each began. */
  readonly #blocks: { readonly since: number; readonly ms: number }[] = [];
  readonly #scheduler: HealthCheckScheduler;

  constructor(
    { random, stageMs, first }: Omit<LivenessScenario, 'steps'>,
    { isReadable = true }: LivenessModelOptions = {},
  ) {
    const peers = () => this.connections.map(({ peer }) => peer);
    this.loop = new EventLoopModel(
      {
        nextArrivalAt: () => Math.min(...peers().map((peer) => peer.nextArrivalAt())),
        readArrivals: (until) => peers().forEach((peer) => peer.readArrivals(until)),
      },
      () => random,
      stageMs,
    );
    this.#scheduler = createHealthCheckScheduler({
      clock: this.loop.clock,
      readTcpStates: async (flows) => {
        const asked = flows.map((flow) => this.#peerOf(flow));
        const time = await this.loop.readFile();
        return asked.map((peer) => (isReadable ? peer.sendQueueStateAt(time) : UNREADABLE));
      },
    });
    this.open(first, 0);
  }

  #peerOf(flow: TcpFlow): PeerModel {
    const found = this.connections.find(({ peer }) => peer.ends === flow);
    if (!found) throw new Error('A closed connection was inspected.');
    return found.peer;
  }

  open(settings: HealthCheckSettings, handshakeSteps: number): void {
    if (this.connections.length >= 3) return;
    const peer = new PeerModel(settings, () => this.loop.now);
    const healthCheck = this.#scheduler.watch(peer, settings);
    const connection: ConnectionModel = { peer, healthCheck, readyAt: undefined };
    peer.onReady = () => {
      connection.readyAt = this.loop.now;
      healthCheck.onReady();
    };
    if (handshakeSteps > 0) peer.handshake(handshakeSteps);
    else peer.onReady();
    this.connections.push(connection);
  }

  close(which: number): void {
    const [connection] = this.connections.splice(which % Math.max(1, this.connections.length), 1);
    if (connection) this.#scheduler.unwatch(connection.healthCheck);
  }

  async block(ms: number, phase: BlockedPhase): Promise<void> {
    this.#blocks.push({ since: this.loop.now, ms });
    await this.loop.block(ms, phase);
  }

  async take(step: LivenessStep): Promise<void> {
    const peer = (which: number) => this.connections[which % Math.max(1, this.connections.length)]?.peer;
    if (step.kind === 'pass') await this.loop.pass(step.ms);
    else if (step.kind === 'block') {
      for (let count = 0; count < step.times; count += 1) await this.block(step.ms, step.phase);
    } else if (step.kind === 'send') peer(step.which)?.send(step.command);
    else if (step.kind === 'sendLong') peer(step.which)?.sendLong(step.ms);
    else if (step.kind === 'passUntilRead') await this.loop.passUntilRead(MAX_WAIT_FOR_READ_MS);
    else if (step.kind === 'push') peer(step.which)?.push(step.delayMs);
    else if (step.kind === 'stall') peer(step.which)?.stall(step.share);
    else if (step.kind === 'open') this.open(step.settings, step.handshakeSteps);
    else if (step.kind === 'close') this.close(step.which);
    else {
      const changed = peer(step.which);
      if (changed) changed.pace = step.pace;
    }
  }

  /** How connections were found stale. */
  stale(): string[] {
    return this.connections.flatMap(({ peer }) => peer.stale);
  }

  /** Idle connections that should have been pinged: silent for more than 1.2 × interval and the longest blocks. */
  unasked(): string[] {
    return this.connections.flatMap(({ peer, readyAt }) => {
      if (readyAt === undefined || peer.expectation() !== 'nothing') return [];
      const since = Math.max(readyAt, peer.lastReadAt);
      const blocks = this.#blocks.filter((block) => block.since + block.ms >= since);
      const longestMs = Math.max(0, ...blocks.map(({ ms }) => ms));
      const allowedMs =
        1.2 * peer.settings.heartbeatIntervalMs + 2 * (longestMs + checkPeriodMs(peer.settings));
      const silentMs = this.loop.now - since;
      return silentMs > allowedMs ? [`silent for ${silentMs} of ${allowedMs} ms, and not pinged`] : [];
    });
  }
}
