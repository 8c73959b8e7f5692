import type { Clock } from '../core/clock.js';
import { type NodeAddress, formatAddress } from './sentinel-replies.js';

/** What a sentinel says of the master. */
export interface Vote {
  /** Which sentinel. */
  readonly sentinel: string;
  /** Nothing where it knows no such master. */
  readonly master: NodeAddress | undefined;
  /** How often the master has been chosen (`config-epoch`), where the sentinel tells. */
  readonly epoch: number | undefined;
}

interface Opinion {
  readonly master: NodeAddress;
  readonly epoch: number;
  readonly at: number;
  /** Whether it has led to a server that does not answer, or has another role. */
  isDiscredited: boolean;
}

/**
 * Who is the master, in the opinion of several sentinels that hear of a failover one after the other. As among
 * themselves the highest epoch is the truth. Where they disagree without one, most of them are right, and else
 * nothing changes.
 */
export interface MasterVotes {
  hear(statement: Vote): void;
  /** What this sentinel says leads nowhere. It has no say until it says something else, while others have. */
  discredit(sentinel: string): void;
  /** This master takes its clients after all: whoever names it has a say again. */
  credit(master: string): void;
  master(): NodeAddress | undefined;
}

/** Six times the time between two questions: who has not been heard for so long has no say any more. */
const OPINION_MS = 60_000;

export function createMasterVotes(clock: Clock): MasterVotes {
  const opinions = new Map<string, Opinion>();
  let incumbent: NodeAddress | undefined;

  /** A sentinel that does not tell the epoch has, when it changes its mind, seen at least one failover more. */
  function guess(sentinel: string, master: NodeAddress): number {
    const before = opinions.get(sentinel);
    if (!before) return 0;
    return isSame(before.master, master) ? before.epoch : before.epoch + 1;
  }

  function valid(): Opinion[] {
    const all = [...opinions.values()];
    const lastAt = Math.max(...all.map(({ at }) => at));
    const recent = all.filter(({ at }) => at > lastAt - OPINION_MS);
    const credited = recent.filter(({ isDiscredited }) => !isDiscredited);
    const discredited = recent.filter(({ isDiscredited }) => isDiscredited);
    return isOutvoted(credited, discredited) ? recent : credited;
  }

  function latest(): Opinion[] {
    const held = valid();
    const highest = highestEpoch(held);
    return held.filter(({ epoch }) => epoch === highest);
  }

  function choose(): NodeAddress | undefined {
    const held = latest();
    const votes = ({ master }: Opinion) => held.filter((one) => isSame(one.master, master)).length;
    const most = Math.max(...held.map(votes));
    const winners = held.filter((one) => votes(one) === most);
    return (winners.find(({ master }) => isSame(master, incumbent)) ?? winners.at(-1))?.master;
  }

  return {
    hear({ sentinel, master, epoch }) {
      if (!master) return;
      const before = opinions.get(sentinel);
      const opinion = { master, epoch: epoch ?? guess(sentinel, master), at: clock.now() };
      const isRepeated = before && isSame(master, before.master) && opinion.epoch <= before.epoch;
      opinions.delete(sentinel); // what was said last comes last
      opinions.set(sentinel, { ...opinion, isDiscredited: isRepeated ? before.isDiscredited : false });
    },
    discredit(sentinel) {
      const opinion = opinions.get(sentinel);
      if (opinion) opinion.isDiscredited = true;
    },
    credit(master) {
      for (const opinion of opinions.values()) {
        if (formatAddress(opinion.master) === master) opinion.isDiscredited = false;
      }
    },
    master: () => (incumbent = choose() ?? incumbent),
  };
}

function highestEpoch(held: readonly Opinion[]): number {
  return Math.max(...held.map(({ epoch }) => epoch));
}

/**
 * A few sentinels that were left behind do not win because the master, which the others name, is restarting: they
 * would lead everyone to a server that was master once.
 */
function isOutvoted(credited: readonly Opinion[], discredited: readonly Opinion[]): boolean {
  return credited.length < discredited.length && highestEpoch(credited) < highestEpoch(discredited);
}

function isSame(one: NodeAddress, other: NodeAddress | undefined): boolean {
  return other !== undefined && formatAddress(one) === formatAddress(other);
}
