import { parseArgs } from 'node:util';
import { reason } from '../../test/support/redis/errors.js';

const DEFAULT_ROUNDS = 5;
/** A round takes about eight seconds. */
const MAX_ROUNDS = 40;

const USAGE = `npm run demo:firewall -- [--rounds N]   N: from 1 to ${MAX_ROUNDS} (default: ${DEFAULT_ROUNDS})`;

/** Number of rounds to run, or the text of a usage error. */
export function readRounds(args: string[]): number | string {
  try {
    const { values } = parseArgs({
      args,
      options: { rounds: { type: 'string', default: String(DEFAULT_ROUNDS) } },
    });
    const rounds = Number(values.rounds);
    return Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS ? rounds : USAGE;
  } catch (error) {
    return `${reason(error)}\n${USAGE}`;
  }
}
