import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sides, type Side } from './contestants.js';

/** Rounds that are run first and not counted, so that the files are in the page cache. */
const WARM_UP_ROUNDS = 2;

/** The program that is started, as an ES module and as a CommonJS module. */
export const PROGRAMS = {
  ESM: new URL('./preload-child.mjs', import.meta.url),
  CommonJS: new URL('./preload-child.cjs', import.meta.url),
} as const;
export type ProgramKind = keyof typeof PROGRAMS;

/** Times of one start, in milliseconds. The program measures the first two, this process the last one. */
export interface StartUp {
  readonly firstReplyMs: number;
  /** CPU time until the first reply, which other load on the machine affects less than the elapsed time. */
  readonly processorMs: number;
  readonly exitMs: number;
}

/** The message of the program. */
interface Report {
  /** Milliseconds since the start of the process. */
  readonly ms: number;
  readonly cpu: NodeJS.CpuUsage;
}

/** Times of all starts. The n-th starts of both sides were measured one after the other. */
export type StartUps = Readonly<Record<Side, StartUp[]>>;

/** The module that is preloaded, and the server that the program connects to. */
interface StartUpOptions {
  /** URL of redis-hygiene/register. */
  readonly preload: string;
  readonly server: string;
}

/** Starts a program once. @throws Error if the program fails or writes to standard error */
async function startOnce(
  kind: ProgramKind,
  side: Side,
  { preload, server }: StartUpOptions,
): Promise<StartUp> {
  const start = performance.now();
  const child = fork(fileURLToPath(PROGRAMS[kind]), [server], {
    execArgv: side === 'ours' ? ['--import', preload] : [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let report: Report | undefined;
  let stderr = '';
  child.on('message', (message) => void (report = message as Report));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 || !report || stderr !== '')
    throw new Error(`The ${kind} program (${side}) ended with code ${String(code)}: ${stderr}`);
  const processorMs = (report.cpu.user + report.cpu.system) / 1000;
  return { firstReplyMs: report.ms, processorMs, exitMs: performance.now() - start };
}

/** Starts both sides in turn, in alternating order, so that other load on the machine affects both alike. */
export async function measureStartUps(
  kind: ProgramKind,
  options: StartUpOptions,
  rounds: number,
): Promise<StartUps> {
  const startUps: StartUps = { raw: [], ours: [] };
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const startUp = await startOnce(kind, side, options);
      if (round >= 0) startUps[side].push(startUp);
    }
  }
  return startUps;
}
