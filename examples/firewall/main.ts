// `npm run demo:firewall`: sentinels behind a firewall that forgets, raw ioredis beside redis-hygiene.
import { once } from 'node:events';
import { findMeans } from '../../test/faults/rig/means.js';
import type { Tools } from '../../test/faults/rig/tools.js';
import { reason } from '../../test/support/redis/errors.js';
import { say } from '../demo/screen.js';
import { readRounds } from './arguments.js';
import { play } from './play.js';
import { clearStatus } from './screen.js';
import { setStage, type Stage } from './stage.js';

/**
 * 0: played, and the counts were as told; or this machine cannot play it, which is nobody's failure.
 * 1: they were not, or something broke. 2: the command line makes no sense. 130: Ctrl-C.
 */
type ExitCode = 0 | 1 | 2 | 130;

const interrupt = new AbortController();
// The second Ctrl-C ends this process, and what it started is ended by its guards.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
const interrupted = once(interrupt.signal, 'abort');

async function main(): Promise<ExitCode> {
  const rounds = readRounds(process.argv.slice(2));
  if (typeof rounds === 'string') return tell(rounds, 2);
  const means = await findMeans();
  if ('missing' in means) {
    say(`The replay cuts connections in a network of its own: ${means.missing}.`);
    return tell('Run it as root on Linux: sudo npm run demo:firewall. Nothing was done (exit code 0).', 0);
  }
  return perform(means.tools, rounds);
}

/** Plays, and takes everything away again, whatever happens. */
async function perform(tools: Tools, rounds: number): Promise<ExitCode> {
  const ending = await playOn(setStage(tools), rounds);
  clearStatus();
  if (ending === 'interrupted') return tell('Stopped, and everything that was started is ended.', 130);
  if (ending instanceof Error) return tell(`The replay broke off: ${reason(ending)}`, 1);
  return ending ? 0 : tell('These counts are not what they should be (exit code 1).', 1);
}

async function playOn(building: Promise<Stage>, rounds: number): Promise<boolean | Error | 'interrupted'> {
  try {
    const playing = building.then((stage) => play(stage, rounds));
    return await Promise.race([playing, interrupted.then(() => 'interrupted' as const)]);
  } catch (error) {
    // Ctrl-C reaches the processes on the stage too, and their end may be heard first.
    return interrupt.signal.aborted ? 'interrupted' : new Error(reason(error));
  } finally {
    const stage = await building.catch(() => undefined);
    await stage?.[Symbol.asyncDispose]();
  }
}

function tell(line: string, code: ExitCode): ExitCode {
  say(line);
  return code;
}

// What is left of an interrupted replay must not go on.
process.exit(await main());
