import { createMasterVotes } from '../../../../src/sentinel/master-votes.js';
import { createFakeClock } from '../fake-clock.js';

/** Votes of sentinels `a`, `b`, … for servers that are given by their port. */
export function createVotesBench() {
  const clock = createFakeClock();
  const votes = createMasterVotes(clock);
  return {
    clock,
    discredit: (sentinel: string) => votes.discredit(sentinel),
    confirm: (port: number) => votes.confirm(`h:${port}`),
    /** Without an epoch the sentinel is one that refuses SENTINEL MASTER. */
    vote: (sentinel: string, port: number | undefined, epoch?: number) =>
      votes.record({ sentinel, master: port === undefined ? undefined : { host: 'h', port }, epoch }),
    /** A sentinel publishes a failover. */
    publish: (sentinel: string, fromPort: number, port: number) =>
      votes.record({
        sentinel,
        master: { host: 'h', port },
        from: { host: 'h', port: fromPort },
        epoch: undefined,
      }),
    elected: () => votes.electMaster()?.port,
  };
}
