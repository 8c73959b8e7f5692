// `npm run demo`: shows the connections of two services that leak and of one that does not. The doctor then finds the leaks.
import { once } from 'node:events';
import { startRedis, type RedisServer } from '../../test/support/redis/index.js';
import { buildIfNeeded } from '../../scripts/build/if-needed.js';
import { say } from './screen.js';
import { killService, type Service } from './services.js';
import { runScenario } from './scenario.js';

/** 0: the doctor named both leaks, and the third service closed its connections. 1: not so, or an error. 130: Ctrl-C. */
type ExitCode = 0 | 1 | 130;

const services: Service[] = [];
let server: RedisServer | undefined;

async function main(): Promise<ExitCode> {
  await buildIfNeeded(say);
  say('Looking for a Redis server:');
  server = await startRedis({ prefer: 'process', onStep: (step) => say(`  ${step}`) });
  say(`Redis ${server.version} (${server.source}) on ${server.host}:${server.port}`);
  return (await runScenario(server.url, services)) ? 0 : 1;
}

function fail(error: unknown): ExitCode {
  say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

/** Waits for Ctrl-C. A second one ends this process at once; the server ends with it. */
async function waitForInterrupt(): Promise<ExitCode> {
  await Promise.race((['SIGINT', 'SIGTERM'] as const).map((signal) => once(process, signal)));
  return 130;
}

const code = await Promise.race([waitForInterrupt(), main().catch(fail)]);
await Promise.all(services.map(killService));
await server?.stop();
if (code === 130) say('\nStopped. Everything that was started has been ended.');
// Ends the process also when an interrupted step still has pending work.
process.exit(code);
