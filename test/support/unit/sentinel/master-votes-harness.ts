import { createMasterVotes } from '../../../../src/sentinel/master-votes.js';
import { createFakeClock } from '../fake-clock.js';

/** Three sentinels a, b, c speak of servers by their port. */
export function createOpinionsBench() {
  const clock = createFakeClock();
  const opinions = createMasterVotes(clock);
  return {
    clock,
    discredit: (sentinel: string) => opinions.discredit(sentinel),
    credit: (port: number) => opinions.credit(`h:${port}`),
    /** Without an epoch, as a sentinel that refuses SENTINEL MASTER. */
    says: (sentinel: string, port: number | undefined, epoch?: number) =>
      opinions.hear({ sentinel, master: port === undefined ? undefined : { host: 'h', port }, epoch }),
    master: () => opinions.master()?.port,
  };
}
