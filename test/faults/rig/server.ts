import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { spawnGuarded, type GuardedProcess, type RedisBinary } from '../../support/redis/index.js';
import type { ShiftedClock } from '../../support/shifted-clock.js';
import type { Addresses } from './network.js';
import type { Observer } from './observer.js';
import { inNamespace, type Tools } from './tools.js';

/** A Redis or Sentinel server in the servers' namespace. */
export interface FaultServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Pauses the process (SIGSTOP). Its kernel still acknowledges bytes. */
  pause(): void;
  resume(): void;
  /** Kills the process (SIGKILL). */
  kill(): Promise<void>;
  /** Starts the server again on the same port, with a new run_id and client ids that start again. */
  start(): Promise<void>;
}

export interface ServerPorts {
  readonly tools: Tools;
  readonly namespace: string;
  readonly addresses: Addresses;
  readonly binary: RedisBinary;
  readonly observer: Observer;
  /** Clock of the server. @default the machine's */
  readonly clock?: ShiftedClock | undefined;
}

/** Without keepalive the server never finds dead peers, so only the client can remove its orphans. */
const KEEPALIVE_OFF = ['--tcp-keepalive', '0'];

/** Starts a Redis without persistence. Later arguments override earlier ones. */
export function startRedisServer(ports: ServerPorts, port: number, args: readonly string[]) {
  const { v4, v6 } = ports.addresses;
  const bind = ['127.0.0.1', v4, v6].filter((address) => address !== undefined);
  const own = ['--port', String(port), '--bind', ...bind, '--protected-mode', 'no', '--save', ''];
  return startServer(ports, port, (dir) =>
    Promise.resolve([...own, ...KEEPALIVE_OFF, '--dir', dir, ...args]),
  );
}

/** Starts a Sentinel that watches a server of the rig, with quorum 1. */
export function startSentinelServer(
  ports: ServerPorts,
  port: number,
  master: FaultServer,
  settings: Readonly<Record<string, number>> = {},
) {
  return startServer(ports, port, async (dir) => {
    const file = join(dir, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'protected-mode no',
      'tcp-keepalive 0',
      `dir ${dir}`,
      `sentinel monitor mymaster ${master.host} ${master.port} 1`,
      ...Object.entries(settings).map(([name, value]) => `sentinel ${name} mymaster ${value}`),
    ];
    await writeFile(file, lines.join('\n'));
    return [file, '--sentinel'];
  });
}

async function startServer(
  { tools, namespace, addresses, binary, observer, clock }: ServerPorts,
  port: number,
  argumentsIn: (dir: string) => Promise<readonly string[]>,
): Promise<FaultServer> {
  let process: GuardedProcess | undefined;

  async function start(): Promise<void> {
    const ownDir = await mkdtemp(join(tmpdir(), 'redis-hygiene-faults-'));
    const [file = 'ip', ...args] = inNamespace(namespace, binary.path, await argumentsIn(ownDir));
    const env = serverEnv(tools, binary);
    process = await spawnGuarded(file, args, { env: clock?.environment(env) ?? env, ownDir });
    const { ended, output, end } = process;
    const early = ended.then((how) => {
      throw new Error(`The server on ${port} ended (${how}):\n${output()}`);
    });
    try {
      await Promise.race([observer.call(port, 'ping'), early]);
    } catch (error) {
      await end(0); // also removes its directory
      throw error;
    }
    early.catch(() => undefined); // the server ends with the test
  }

  const kill = async () => process?.end(0);
  await start();
  return {
    host: addresses.v4,
    port,
    start,
    kill,
    pause: () => process?.signal('SIGSTOP'),
    resume: () => process?.signal('SIGCONT'),
    [Symbol.asyncDispose]: kill,
  };
}

/** The tools and the server may both come from unpacked packages, each with libraries of its own. */
function serverEnv(tools: Tools, binary: RedisBinary): NodeJS.ProcessEnv {
  const libraries = [tools.env['LD_LIBRARY_PATH'], binary.env['LD_LIBRARY_PATH']].filter(Boolean);
  return { ...tools.env, ...(libraries.length > 0 && { LD_LIBRARY_PATH: libraries.join(delimiter) }) };
}
