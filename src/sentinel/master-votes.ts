import type { Clock } from '../core/clock.js';
import { type NodeAddress, formatAddress } from './sentinel-replies.js';

/** Answer of one sentinel to the question which server is the master. */
export interface Vote {
  /** `host:port` of the sentinel. */
  readonly sentinel: string;
  /** Undefined if the sentinel does not know the master's name. */
  readonly master: NodeAddress | undefined;
  /** The former master, if the sentinel has published a failover. */
  readonly from?: NodeAddress;
  /** `config-epoch` of the master, which grows with each failover. Undefined if the sentinel does not report it. */
  readonly epoch: number | undefined;
}

/**
 * Decides which server is the master from the votes of several sentinels, which learn of a failover one after the
 * other. The highest epoch wins, as among the sentinels themselves. At the same epoch the majority wins, and a tie
 * keeps the current master.
 */
export interface MasterVotes {
  record(vote: Vote): void;
  /**
   * Marks the vote of a sentinel as wrong: the server refused the connection or has another role. The vote does not
   * count while others do, until the sentinel votes differently.
   */
  discredit(sentinel: string): void;
  /** Marks a master (`host:port`) as working, so that discredited votes for it count again. */
  confirm(master: string): void;
  electMaster(): NodeAddress | undefined;
}

/** Last vote of one sentinel. */
interface StoredVote {
  readonly master: NodeAddress;
  readonly epoch: number;
  /** When the vote was cast, in milliseconds since the epoch. */
  readonly at: number;
  isDiscredited: boolean;
}

/** Age from which a vote does not count any more: six times the interval at which sentinels are asked. */
const MAX_VOTE_AGE_MS = 60_000;

export function createMasterVotes(clock: Clock): MasterVotes {
  const votes = new Map<string, StoredVote>();
  let incumbent: NodeAddress | undefined;

  /**
   * Epoch for a sentinel that does not report one: a changed vote means at least one more failover, and so does a failover
   * from the current master.
   */
  function estimateEpoch(sentinel: string, master: NodeAddress, from: NodeAddress | undefined): number {
    const previous = votes.get(sentinel);
    if (!previous) return from && isSame(from, incumbent) ? highestEpoch([...votes.values()]) + 1 : 0;
    return isSame(previous.master, master) ? previous.epoch : previous.epoch + 1;
  }

  function validVotes(): StoredVote[] {
    const all = [...votes.values()];
    const lastAt = Math.max(...all.map(({ at }) => at));
    const recent = all.filter(({ at }) => at > lastAt - MAX_VOTE_AGE_MS);
    const credited = recent.filter(({ isDiscredited }) => !isDiscredited);
    const discredited = recent.filter(({ isDiscredited }) => isDiscredited);
    return isOutdatedMinority(credited, discredited) ? recent : credited;
  }

  function votesOfLatestEpoch(): StoredVote[] {
    const valid = validVotes();
    const latest = highestEpoch(valid);
    return valid.filter(({ epoch }) => epoch === latest);
  }

  function findWinner(): NodeAddress | undefined {
    const candidates = votesOfLatestEpoch();
    const countVotes = ({ master }: StoredVote) =>
      candidates.filter((vote) => isSame(vote.master, master)).length;
    const most = Math.max(...candidates.map(countVotes));
    const winners = candidates.filter((vote) => countVotes(vote) === most);
    return (winners.find(({ master }) => isSame(master, incumbent)) ?? winners.at(-1))?.master;
  }

  return {
    record({ sentinel, master, from, epoch }) {
      if (!master) return;
      const previous = votes.get(sentinel);
      const vote = { master, epoch: epoch ?? estimateEpoch(sentinel, master, from), at: clock.now() };
      const isRepeated = previous && isSame(master, previous.master) && vote.epoch <= previous.epoch;
      votes.delete(sentinel); // keeps the map in the order of the votes
      votes.set(sentinel, { ...vote, isDiscredited: isRepeated ? previous.isDiscredited : false });
    },
    discredit(sentinel) {
      const vote = votes.get(sentinel);
      if (vote) vote.isDiscredited = true;
    },
    confirm(master) {
      for (const vote of votes.values()) {
        if (formatAddress(vote.master) === master) vote.isDiscredited = false;
      }
    },
    electMaster: () => (incumbent = findWinner() ?? incumbent),
  };
}

function highestEpoch(votes: readonly StoredVote[]): number {
  return Math.max(...votes.map(({ epoch }) => epoch));
}

/**
 * Whether the credited votes are fewer than the discredited ones and have an older epoch. A few sentinels that missed
 * a failover must not win because the master that the others name is restarting: all clients would move to a former
 * master.
 */
function isOutdatedMinority(credited: readonly StoredVote[], discredited: readonly StoredVote[]): boolean {
  return credited.length < discredited.length && highestEpoch(credited) < highestEpoch(discredited);
}

function isSame(one: NodeAddress, other: NodeAddress | undefined): boolean {
  return other !== undefined && formatAddress(one) === formatAddress(other);
}
