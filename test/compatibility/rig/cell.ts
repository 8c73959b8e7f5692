import { type Exit, type Program, startProgram } from '../../support/program.js';
import type { TestRedis } from '../../support/use-redis.js';
import type { Application } from './application.js';
import { compareConnections, expectGone, type SeenConnections, Unexpected } from './connections.js';

/**
 * How a library gets its connections: a `client` of a factory, `options` of a factory for a client that it builds itself, or
 * the same two forms without a factory, under the preload.
 */
export type Way = 'client' | 'options' | 'preload-client' | 'preload-options';

/** What has become of one library, in one way, on one major of ioredis. */
export type CellResult =
  ({ readonly status: 'passed' } & SeenConnections) | { readonly status: 'failed'; readonly why: string };

/** A program that runs longer is killed, so that a library that has changed cannot hang the run. */
const LIMIT_MS = 60_000;

/** Time for a process to end once it has no connections any more. */
const END_MS = 10_000;

/** One run of a program of programs/. */
interface Run {
  readonly program: string;
  readonly way: Way;
  /** Whether the library is stopped before the connections are closed. @default 'first' */
  readonly stop?: 'first' | 'never';
  /** @default 60 s */
  readonly limitMs?: number;
}

/** Runs a program and judges it. What the program does wrong is a result, and never a rejection. */
export async function runCell(
  application: Application,
  redis: TestRedis,
  { program, way, stop = 'first', limitMs = LIMIT_MS }: Run,
): Promise<CellResult> {
  await redis.admin.flushdb();
  const host = `web-${application.major}`;
  const env = { ...environment(redis, way, host), COMPATIBILITY_STOP: stop };
  const child = startProgram(application, `${program}.mjs`, env, limitMs);
  const result = await judge(child, redis, host);
  child.child.kill('SIGKILL');
  await child.exit;
  return result;
}

function environment({ server: { host, port } }: TestRedis, way: Way, ownHost: string): NodeJS.ProcessEnv {
  const env = { COMPATIBILITY_WAY: way, REDIS_HOST: host, REDIS_PORT: String(port), HOSTNAME: ownHost };
  // Deprecations of Node are those of the libraries.
  if (!way.startsWith('preload')) return { ...env, NODE_OPTIONS: '--no-deprecation' };
  return {
    ...env,
    NODE_OPTIONS: '--no-deprecation --import redis-hygiene/register',
    REDIS_HYGIENE_SERVICE: 'orders',
    REDIS_HYGIENE_SHUTDOWN: 'SIGTERM',
    // The preload ends a process that does not end by itself. Here that comes after END_MS, so that it fails.
    REDIS_HYGIENE_SHUTDOWN_TIMEOUT_MS: '60000',
  };
}

async function judge(program: Program, redis: TestRedis, host: string): Promise<CellResult> {
  let phase = 'while the library worked';
  try {
    await expectStep(program, 'worked');
    phase = 'while its connections were compared';
    const { ids, ...seen } = await compareConnections(program, redis, host);
    phase = 'while the library stopped';
    program.child.send('stop');
    await expectStep(program, 'stopped');
    phase = 'while the connections were closed';
    await expectStep(program, 'closed');
    await expectGone(redis, ids);
    program.child.send('end');
    const failure = failureOf(await endOf(program), 'although its connections are closed');
    return failure ? { status: 'failed', why: failure } : { status: 'passed', ...seen };
  } catch (error) {
    if (error instanceof Unexpected) return { status: 'failed', why: error.message };
    return { status: 'failed', why: failureOf(await program.exit, phase) ?? String(error) };
  }
}

async function expectStep(program: Program, wanted: string): Promise<void> {
  const { step } = await program.message<{ step: string }>();
  if (step !== wanted) throw new Unexpected(`it has "${step}" where it should have "${wanted}"`);
}

/** The end of a process that has nothing to do any more. It is killed if it does not end by itself. */
async function endOf(program: Program): Promise<Exit> {
  const timer = setTimeout(() => program.child.kill('SIGKILL'), END_MS);
  const exit = await program.exit;
  clearTimeout(timer);
  return exit;
}

/** What was wrong with the end of a process, in words that are the same in each run. */
function failureOf({ code, signal, stderr, stdout }: Exit, phase: string): string | undefined {
  if (signal === 'SIGKILL') return `it does not end ${phase}`;
  const printed = firstLine(stderr || stdout);
  if (code !== 0) return `it ends with ${String(code ?? signal)} ${phase}: ${printed}`;
  return printed === '' ? undefined : `it prints: ${printed}`;
}

/** The line of an error or a warning, else the first one, without numbers of processes. */
function firstLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((one) => /(Error|Warning)\b.*:/.test(one)) ?? lines[0] ?? '';
  return line.trim().replace(/\(node:\d+\) /, '');
}
