import { parseArgs } from 'node:util';
import { reason } from '../../test/support/redis/errors.js';

const DEFAULT = 5;
/** Some eight seconds each. */
const MOST = 40;

const USAGE = `npm run demo:firewall -- [--rounds N]   N is from 1 to ${MOST}, ${DEFAULT} if it is not given`;

/** How many rounds to play, or what is wrong with the command line. */
export function readRounds(args: string[]): number | string {
  try {
    const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: String(DEFAULT) } } });
    const rounds = Number(values.rounds);
    return Number.isInteger(rounds) && rounds >= 1 && rounds <= MOST ? rounds : USAGE;
  } catch (error) {
    return `${reason(error)}\n${USAGE}`;
  }
}
