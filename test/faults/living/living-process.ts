import { runAfterDeath, type DeathGuard } from '../../support/death-guard.js';
import type { ShiftedClock } from '../../support/shifted-clock.js';
import type { OURS } from '../rig/contestant.js';
import { startFaultProgram, type ClientReport, type FaultProgram } from '../rig/program.js';
import type { Rig } from '../rig/rig.js';
import type { FaultServer } from '../rig/server.js';
import { findFreezer, type FrozenProcess } from './freezer.js';

type Ours = (typeof OURS)[number];

/** Servers on which living connections are opened. The clock of `clocked` is moved, if there is a clock. */
export interface LivingServers {
  readonly redis: FaultServer;
  readonly clocked: FaultServer;
  readonly sentinel: FaultServer;
  /** The only node of a Cluster. */
  readonly cluster: FaultServer;
}

export type LivingServer = keyof LivingServers;

/** How a process is kept from running, if at all. */
type LivingState = 'running' | 'blocked' | 'stopped' | 'frozen';

/** A kind of connections (see programs/living.mjs), and where they are opened. */
interface Opening {
  readonly kind: string;
  readonly on: LivingServer;
  /** Name of the kind in the figures, and host part of the connection names. */
  readonly label: string;
}

/** One process with living connections. */
export interface LivingPlan {
  readonly openings: readonly Opening[];
  readonly state?: LivingState;
  /** Index of the side in which the process runs. @default the client's namespace */
  readonly side?: number;
  /** Whether the clock of the process is moved. */
  readonly hasMovedClock?: true;
}

const usual = (label: string): Opening[] => [
  { kind: 'usual', on: 'redis', label },
  { kind: 'usual', on: 'clocked', label },
  { kind: 'watchers', on: 'sentinel', label },
];
const flooded = (label: string): Opening => ({ kind: 'flooded', on: 'redis', label });

/** Kinds of which a running process holds some, on the server whose clock is right and on the other one. */
const RUNNING_KINDS = [
  'slow-heartbeat',
  'transaction',
  'stepped-transaction',
  'ended-transaction',
  'socket-timeout',
  'monitor',
  'blocking-command',
  'own-copy',
] as const;

/** All processes. Two workers have one name, and so have two pods behind NAT. */
export const LIVING_PLANS: readonly LivingPlan[] = [
  {
    openings: [
      ...usual('idle'),
      ...RUNNING_KINDS.flatMap((kind) => [{ kind, on: 'redis', label: kind } as const]),
      ...RUNNING_KINDS.flatMap((kind) => [{ kind, on: 'clocked', label: kind } as const]),
      { kind: 'cluster', on: 'cluster', label: 'cluster' },
      { kind: 'foreign', on: 'redis', label: 'foreign' },
    ],
  },
  { openings: usual('blocked'), state: 'blocked' },
  { openings: [...usual('stopped'), flooded('stopped')], state: 'stopped' },
  { openings: [...usual('frozen'), flooded('frozen')], state: 'frozen' },
  { openings: usual('moved-clock'), hasMovedClock: true },
  { openings: usual('workers') },
  { openings: usual('workers') },
  { openings: usual('pods'), side: 0 },
  { openings: usual('pods'), side: 1 },
];

/** Copies of each kind in each process. */
const COPIES = 2;
/** The event loop is blocked for this long, and then runs for a moment. */
const BLOCK = { ms: 2_700, pauseMs: 50 };

/** A process with living connections. */
export interface LivingProcess extends AsyncDisposable {
  readonly who: Ours;
  readonly plan: LivingPlan;
  /** Ids of the connections of other programs on `redis`, whose names do not say whose they are. */
  readonly foreignIds: ReadonlySet<number>;
  /** Begins to keep the process from running. */
  begin(): Promise<void>;
  /** Lets the process run again. */
  resume(): Promise<void>;
  /** Reports of lost sockets so far. */
  losses(): readonly ClientReport[];
}

export interface LivingHost {
  readonly servers: LivingServers;
  /** Namespaces of the sides. */
  readonly sides: readonly string[];
  /** Clock of the processes whose clock is moved. Without one, the machine's is used. */
  readonly clock: ShiftedClock | undefined;
}

/** Starts a process and opens all of its connections. It ends with the rig. */
export function startLiving(
  rig: Rig,
  { servers, sides, clock }: LivingHost,
  plan: LivingPlan,
  who: Ours,
): Promise<LivingProcess> {
  const addresses = Object.fromEntries(
    Object.entries(servers as unknown as Record<string, FaultServer>).map(([name, { host, port }]) => [
      name,
      { host, port },
    ]),
  );
  const { env } = rig.tools;
  const program = startFaultProgram({
    namespace: plan.side === undefined ? rig.namespaces.client : (sides[plan.side] ?? ''),
    file: 'living.mjs',
    args: [serviceOf(who), '', JSON.stringify(addresses)],
    ioredis: who === 'ours5' ? '5' : '6',
    env: plan.hasMovedClock && clock ? clock.environment(env) : env,
  });
  return rig.keep(openLiving(program, plan, who));
}

/** Service part of the connection names, which tells the majors of ioredis apart. */
export function serviceOf(who: Ours): string {
  return `living-${who}`;
}

async function openLiving(program: FaultProgram, plan: LivingPlan, who: Ours): Promise<LivingProcess> {
  const foreignIds = new Set<number>();
  const suspension = createSuspension(program, plan.state ?? 'running');
  const end = async () => {
    await suspension.end();
    await program.end();
  };
  try {
    await program.up;
    for (const opening of plan.openings) {
      const ids = (await program.ask({ action: 'open', copies: COPIES, ...opening })) as number[];
      ids.forEach((id) => foreignIds.add(id));
    }
  } catch (error) {
    await end();
    throw error;
  }
  return {
    who,
    plan,
    foreignIds,
    begin: suspension.begin,
    resume: suspension.resume,
    losses: () => program.reports.filter(({ event }) => event !== 'up'),
    [Symbol.asyncDispose]: end,
  };
}

/** Ways to keep a process from running, and to let it run again. */
function createSuspension(program: FaultProgram, state: LivingState) {
  let frozen: FrozenProcess | undefined;
  let guard: DeathGuard | undefined;
  const none = () => Promise.resolve();
  const ways: Record<LivingState, { begin(): Promise<void>; resume(): Promise<void> }> = {
    running: { begin: none, resume: none },
    blocked: {
      begin: async () => void (await program.ask({ action: 'blockOften', ...BLOCK })),
      resume: async () => void (await program.ask({ action: 'unblock' })),
    },
    stopped: {
      begin() {
        // A stopped process does not notice that this process has ended.
        guard = runAfterDeath('kill -KILL "$1"', [String(program.pid)]);
        return Promise.resolve(program.signal('SIGSTOP'));
      },
      resume: () => Promise.resolve(program.signal('SIGCONT')),
    },
    frozen: {
      async begin() {
        const freezer = await findFreezer();
        if ('missing' in freezer) throw new Error(freezer.missing);
        frozen = await freezer.freeze(program.pid);
      },
      resume: async () => frozen?.thaw(),
    },
  };
  const { begin, resume } = ways[state];
  const end = async () => {
    guard?.release();
    await frozen?.[Symbol.asyncDispose]();
  };
  return { begin, resume, end };
}
