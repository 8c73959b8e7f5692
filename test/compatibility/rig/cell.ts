import type { ClientRow } from '../../support/client-row.js';
import { eventually } from '../../support/eventually.js';
import { type Exit, type Program, startProgram } from '../../support/program.js';
import type { TestRedis } from '../../support/use-redis.js';
import type { Application } from './application.js';

/**
 * How a library gets its connections: a `client` of a factory, `options` of a factory for a client that it builds itself, or
 * the same two forms of plain ioredis under the preload.
 */
export const ways = ['client', 'options', 'preload-client', 'preload-options'] as const;
export type Way = (typeof ways)[number];

export interface PassedCell {
  readonly status: 'passed';
  /** How many connections have each name. */
  readonly names: Readonly<Record<string, number>>;
  /** Names in the ledger of connections that the library has renamed by a command, by their name in CLIENT LIST. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** What has become of one library, in one way, on one major of ioredis. */
export type CellResult = PassedCell | { readonly status: 'failed'; readonly why: string };

/** What a program tells of its connections. */
interface Facts {
  readonly step: 'looked';
  /** Local ports of its sockets to the server. */
  readonly ports: readonly number[];
  readonly ledger: readonly { readonly name: string; readonly localPort?: number }[];
}

/** The program is killed after this time, so that a library that has changed cannot hang the run. */
const LIMIT_MS = 60_000;

/** Runs one program, and judges it. Never rejects for what the program does. */
export async function runCell(
  application: Application,
  redis: TestRedis,
  program: string,
  way: Way,
  limitMs = LIMIT_MS,
): Promise<CellResult> {
  await redis.admin.flushdb();
  const { host, port } = redis.server;
  const preload = way.startsWith('preload');
  const child = startProgram(
    application,
    `${program}.mjs`,
    {
      COMPATIBILITY_WAY: way,
      REDIS_HOST: host,
      REDIS_PORT: String(port),
      NODE_OPTIONS: `--no-deprecation${preload ? ' --import redis-hygiene/register' : ''}`,
      ...(preload && {
        REDIS_HYGIENE_SERVICE: 'orders',
        REDIS_HYGIENE_SHUTDOWN: 'SIGTERM',
        // The preload ends a process that does not end by itself: later than the test, so that the test notices.
        REDIS_HYGIENE_SHUTDOWN_TIMEOUT_MS: String(limitMs),
      }),
    },
    limitMs,
  );
  let step = 'while it worked';
  try {
    await expectStep(child, 'worked');
    step = 'while its connections were compared';
    const { rows, ...seen } = await compareConnections(child, redis);
    step = 'while it stopped';
    child.child.send('stop');
    await expectStep(child, 'stopped');
    step = 'while its connections were closed';
    await expectStep(child, 'closed');
    await expectGone(redis, rows);
    step = 'after all of its connections were closed';
    child.child.send('end');
    return judgeEnd(await child.exit, step) ?? { status: 'passed', ...seen };
  } catch (error) {
    if (error instanceof CellFailure) {
      child.child.kill('SIGKILL');
      await child.exit;
      return { status: 'failed', why: error.message };
    }
    return judgeEnd(await child.exit, step) ?? { status: 'failed', why: String(error) };
  }
}

/** What a cell fails with, in words that are the same in each run. */
class CellFailure extends Error {}

async function expectStep(program: Program, step: string): Promise<void> {
  const message = await program.message<{ step: string }>();
  if (message.step !== step) throw new CellFailure(`it is "${message.step}" where "${step}" was expected`);
}

/** Compares sockets, ledger and CLIENT LIST until they agree. */
async function compareConnections(
  program: Program,
  redis: TestRedis,
): Promise<Omit<PassedCell, 'status'> & { readonly rows: readonly ClientRow[] }> {
  let rows: readonly ClientRow[] = [];
  let renamed: Record<string, string> = {};
  await eventually(async () => {
    program.child.send('look');
    const { ports, ledger } = await program.message<Facts>();
    rows = (await redis.rows()).filter((row) => ports.includes(row.port));
    const known = new Map(ledger.map(({ localPort, name }) => [localPort, name]));
    const unknown = ports.filter((port) => !known.has(port));
    const unnamed = rows.filter(({ name }) => !isNamed(name));
    const misnamed = rows.filter(({ port, name }) => known.has(port) && known.get(port) !== name);
    renamed = Object.fromEntries(misnamed.map(({ port, name }) => [name, known.get(port) ?? '']));
    const of = `of ${ports.length} connections`;
    if (ports.length === 0) throw new CellFailure('it has no connection');
    if (rows.length !== ports.length) throw new CellFailure(`CLIENT LIST has ${rows.length} ${of}`);
    if (unknown.length > 0) throw new CellFailure(`the ledger lacks ${unknown.length} ${of}`);
    if (ledger.length > ports.length) throw new CellFailure(`the ledger has ${ledger.length} ${of}`);
    if (unnamed.length > 0) throw new CellFailure(`${unnamed.length} ${of} have no name of ours`);
    // A name of ours has to be that of the ledger. A name that the library gives by a command comes after ours.
    const wrong = misnamed.filter(({ name }) => !LIBRARY_NAME.test(name));
    if (wrong.length > 0) throw new CellFailure(`${wrong.length} ${of} have another name in the ledger`);
  });
  return { rows, names: countNames(rows), ...(Object.keys(renamed).length > 0 && { renamed }) };
}

/** Names by which Bull and BullMQ find their own connections. */
const LIBRARY_NAME = /^bull:/;

function isNamed(name: string): boolean {
  return /^orders@web-1(#|$)/.test(name) || LIBRARY_NAME.test(name);
}

function countNames(rows: readonly ClientRow[]): Record<string, number> {
  const names = [...new Set(rows.map(({ name }) => name))].sort();
  return Object.fromEntries(names.map((name) => [name, rows.filter((row) => row.name === name).length]));
}

/** Expects that the server has none of these connections any more. */
async function expectGone(redis: TestRedis, rows: readonly ClientRow[]): Promise<void> {
  const ids = new Set(rows.map(({ id }) => id));
  await eventually(async () => {
    const left = (await redis.rows()).filter(({ id }) => ids.has(id));
    if (left.length > 0) throw new CellFailure(`${left.length} of ${rows.length} connections are left open`);
  });
}

/** The failure that the end of a process tells, if it tells one. */
function judgeEnd({ code, signal, stderr, stdout }: Exit, step: string): CellResult | undefined {
  if (signal === 'SIGKILL') return { status: 'failed', why: `it does not end: it hangs ${step}` };
  const printed = firstLine(stderr || stdout);
  if (code !== 0)
    return { status: 'failed', why: `it ends with code ${String(code ?? signal)} ${step}: ${printed}` };
  return printed === '' ? undefined : { status: 'failed', why: `it prints: ${printed}` };
}

/** The line that says most: that of an error, else the first one. */
function firstLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /^\S*(Error|Warning)\b.*:/.test(line)) ?? lines[0] ?? '').trim();
}
