import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sides, type Side } from './contestants.js';

/** How many rounds are measured and thrown away: files come into the cache of the machine. */
const WARM_UP_ROUNDS = 2;

/** What starts: the same program in both kinds of modules. */
export const PROGRAMS = {
  ESM: new URL('./preload-child.mjs', import.meta.url),
  CommonJS: new URL('./preload-child.cjs', import.meta.url),
} as const;
export type ProgramKind = keyof typeof PROGRAMS;

/** A start, in milliseconds since the process began, as it was seen from within and from outside. */
export interface StartUp {
  readonly firstReplyMs: number;
  /** Time of processors until the first reply: on a machine that others use it says more than the clock. */
  readonly processorMs: number;
  readonly exitMs: number;
}

/** What a program says of itself. */
interface Told {
  /** Milliseconds since its process began. */
  readonly ms: number;
  readonly cpu: NodeJS.CpuUsage;
}

/** The n-th starts of both sides were measured one right after the other. */
export type StartUps = Readonly<Record<Side, StartUp[]>>;

/** What is preloaded, and the server that is asked. */
interface Setting {
  /** URL of redis-hygiene/register. */
  readonly preload: string;
  readonly server: string;
}

/** @throws Error when the program fails, or says anything on standard error */
async function startOnce(kind: ProgramKind, side: Side, { preload, server }: Setting): Promise<StartUp> {
  const begun = performance.now();
  const child = fork(fileURLToPath(PROGRAMS[kind]), [server], {
    execArgv: side === 'ours' ? ['--import', preload] : [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let told: Told | undefined;
  let complaint = '';
  child.on('message', (message) => void (told = message as Told));
  child.stderr?.on('data', (chunk) => (complaint += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 || !told || complaint !== '')
    throw new Error(`The ${kind} program (${side}) ended with ${String(code)}: ${complaint}`);
  const processorMs = (told.cpu.user + told.cpu.system) / 1000;
  return { firstReplyMs: told.ms, processorMs, exitMs: performance.now() - begun };
}

/** Starts both sides in turn, now one first, now the other, so that what else the machine does meets both. */
export async function measureStartUps(
  kind: ProgramKind,
  setting: Setting,
  rounds: number,
): Promise<StartUps> {
  const startUps: StartUps = { raw: [], ours: [] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const one = await startOnce(kind, side, setting);
      if (round >= 0) startUps[side].push(one);
    }
  }
  return startUps;
}
