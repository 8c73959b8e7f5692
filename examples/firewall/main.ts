// `npm run demo:firewall`: compares raw ioredis and redis-hygiene on sentinels behind a firewall that drops idle sessions.
import { once } from 'node:events';
import { findRigSupport } from '../../test/faults/rig/support.js';
import type { Tools } from '../../test/faults/rig/tools.js';
import { reason } from '../../test/support/redis/errors.js';
import { buildIfNeeded } from '../../scripts/build/if-needed.js';
import { say } from '../demo/screen.js';
import { readRounds } from './arguments.js';
import { showReplay } from './replay.js';
import { clearStatus } from './screen.js';
import { startSetup, type ReplaySetup } from './setup.js';

/**
 * 0: the counts were as expected, or this machine cannot run the replay. 1: the counts were not as expected, or an error
 * occurred. 2: the command line is invalid. 130: Ctrl-C.
 */
type ExitCode = 0 | 1 | 2 | 130;

const interrupt = new AbortController();
// A second Ctrl-C ends this process at once. Guards then end the processes that it has started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
const interrupted = once(interrupt.signal, 'abort');

async function main(): Promise<ExitCode> {
  const rounds = readRounds(process.argv.slice(2));
  if (typeof rounds === 'string') return printResult(rounds, 2);
  const support = await findRigSupport();
  if ('missing' in support) {
    say(`The replay needs network namespaces, which cannot be used here: ${support.missing}.`);
    return printResult(
      'Run it as root on Linux: sudo npm run demo:firewall. Nothing was done (exit code 0).',
      0,
    );
  }
  return runReplay(support.tools, rounds);
}

/** Runs the replay, and ends everything that it has started. */
async function runReplay(tools: Tools, rounds: number): Promise<ExitCode> {
  const result = await replayOn(tools, rounds);
  clearStatus();
  if (result === 'interrupted')
    return printResult('Stopped. Everything that was started has been ended.', 130);
  if (result instanceof Error) return printResult(`The replay failed: ${reason(result)}`, 1);
  return result ? 0 : printResult('The counts are not as expected (exit code 1).', 1);
}

async function replayOn(tools: Tools, rounds: number): Promise<boolean | Error | 'interrupted'> {
  let starting: Promise<ReplaySetup> | undefined;
  const startAndShow = async () => {
    await buildIfNeeded(say);
    starting = startSetup(tools);
    return showReplay(await starting, rounds);
  };
  try {
    const replay = startAndShow();
    return await Promise.race([replay, interrupted.then(() => 'interrupted' as const)]);
  } catch (error) {
    // Ctrl-C also ends the servers and services. Their end may be reported before the signal.
    return interrupt.signal.aborted ? 'interrupted' : new Error(reason(error));
  } finally {
    const setup = await starting?.catch(() => undefined);
    await setup?.[Symbol.asyncDispose]();
  }
}

function printResult(line: string, code: ExitCode): ExitCode {
  say(line);
  return code;
}

// Ends the process also when an interrupted replay still has pending work.
process.exit(await main());
