import { expect, test } from 'vitest';
import { run } from '../support/redis/command.js';
import { findRigSupport } from './rig/support.js';

const ROUNDS = 2;
/** A round takes eight seconds. The limit is higher for a busy machine. */
const LIMIT_MS = 120_000;

const support = await findRigSupport();
const missing = 'missing' in support ? support.missing : undefined;
if (missing !== undefined) process.stderr.write(`The replay is skipped: ${missing}.\n`);

test.skipIf(missing !== undefined)(
  `npm run demo:firewall runs ${ROUNDS} rounds with the expected counts${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  { timeout: LIMIT_MS + 10_000 },
  async () => {
    const args = ['--import', 'tsx', 'examples/firewall/main.ts', '--rounds', String(ROUNDS)];
    // The program exits with an error unless every count on the sentinels is as expected.
    const { stdout } = await run(process.execPath, args, { timeoutMs: LIMIT_MS });
    const lines = stdout.split('\n');
    const round = (number: number) => lines.find((line) => line.startsWith(`    ${number} `));
    expect(round(0)?.match(/\d+/g)).toEqual(['0', '1', '1', '1', '1', '1', '1']);
    expect(round(ROUNDS)?.match(/\d+/g)).toEqual(['2', '3', '3', '3', '1', '1', '1']);
    expect(stdout).toMatch(/cart {4}2 \+ 2 \+ 2 unnamed/);
    expect(stdout).toMatch(/orders {2}0 \+ 0 \+ 0$/m);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  },
);
