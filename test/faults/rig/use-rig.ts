import { afterAll, beforeAll, describe } from 'vitest';
import { findRigSupport } from './support.js';
import { createRig, type Rig } from './rig.js';

/** Timeout of a scenario. The longest one takes about seven minutes. */
const SCENARIO_MS = 12 * 60_000;
const RIG_MS = 120_000;

/** Kills this process when Vitest's main process dies: Vitest would run the scenarios to their end. */
function dieWithVitest(): void {
  // Guards end what this process has started. In a test, process.exit() is replaced by Vitest.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

/**
 * Defines a group of scenarios that run at the same time in one rig. Where no rig can be built the group is skipped, and
 * its name and a line on stderr say why.
 */
export async function faults(theme: string, define: (rig: () => Rig) => void): Promise<void> {
  const support = await findRigSupport();
  if ('missing' in support) {
    process.stderr.write(`The fault scenarios of "${theme}" are skipped: ${support.missing}.\n`);
    describe.skip(`${theme} (skipped: ${support.missing})`, () => define(notBuilt));
    return;
  }
  dieWithVitest();
  describe.concurrent(theme, { timeout: SCENARIO_MS }, () => {
    let rig: Rig | undefined;
    beforeAll(async () => {
      rig = await createRig(support.tools);
    }, RIG_MS);
    afterAll(() => rig?.remove(), RIG_MS);
    define(() => rig ?? notBuilt());
  });
}

function notBuilt(): never {
  throw new Error('The rig has not been built.');
}
