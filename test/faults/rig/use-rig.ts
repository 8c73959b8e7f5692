import { afterAll, beforeAll, describe } from 'vitest';
import { findMeans } from './means.js';
import { createRig, type Rig } from './rig.js';

/** A scenario that hangs ends here; the longest one takes about seven minutes. */
const SCENARIO_MS = 12 * 60_000;
const RIG_MS = 120_000;

/** When Vitest's main process dies, nobody hears of the scenarios any more; Vitest itself would go on with them. */
function dieWithVitest(): void {
  // The guards see to what this process has started. process.exit() is not Node's own in a test.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

/**
 * A theme of scenarios that run at the same time in one rig. Where no rig can be built it is skipped, and both its
 * name and a line on the output say why.
 */
export async function faults(theme: string, define: (rig: () => Rig) => void): Promise<void> {
  const means = await findMeans();
  if ('missing' in means) {
    process.stderr.write(`The fault scenarios of "${theme}" are skipped: ${means.missing}.\n`);
    describe.skip(`${theme} (skipped: ${means.missing})`, () => define(notBuilt));
    return;
  }
  dieWithVitest();
  describe.concurrent(theme, { timeout: SCENARIO_MS }, () => {
    let rig: Rig | undefined;
    beforeAll(async () => {
      rig = await createRig(means.tools);
    }, RIG_MS);
    afterAll(() => rig?.remove(), RIG_MS);
    define(() => rig ?? notBuilt());
  });
}

function notBuilt(): never {
  throw new Error('The rig has not been built.');
}
