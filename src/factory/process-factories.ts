import type { Cluster } from 'ioredis';
import { processWide } from '../core/process-wide.js';
import type { Identity } from '../identity/detect-identity.js';
import type { Budget } from '../ledger/budget.js';
import type { Ledger } from '../ledger/ledger.js';
import type { OrphanInfo } from '../liveness/orphans.js';
import type { Mode } from '../options/environment.js';
import type { Settings } from '../options/settings.js';
import type { ManagedPool } from '../pool/pool.js';

/** A factory, or the preload, as those see it that observe the whole process: metrics and tests. */
export interface ObservedFactory {
  readonly identity: Identity;
  readonly mode: Mode;
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly budget: Budget;
  readonly pools: () => readonly ManagedPool[];
  /** Clusters that have not ended, and the call sites that opened them. */
  readonly clusters: () => ReadonlyMap<Cluster, readonly string[]>;
  readonly orphans: () => readonly OrphanInfo[];
  /** Whether shutdown() has not begun. */
  readonly isOpen: () => boolean;
}

/** All factories of a process. */
export interface FactoryRegistry {
  add(factory: ObservedFactory): void;
  all(): readonly ObservedFactory[];
}

/**
 * A factory is known for as long as its ledger lives, which the application and every open connection hold. So a program
 * that creates one factory after the other does not collect them here.
 */
export function createFactoryRegistry(): FactoryRegistry {
  const ledgers = new Set<WeakRef<Ledger>>();
  const factories = new WeakMap<Ledger, ObservedFactory>();

  return {
    add(factory) {
      factories.set(factory.ledger, factory);
      ledgers.add(new WeakRef(factory.ledger));
    },
    all() {
      const known: ObservedFactory[] = [];
      for (const reference of ledgers) {
        const ledger = reference.deref();
        const factory = ledger && factories.get(ledger);
        if (factory) known.push(factory);
        else ledgers.delete(reference);
      }
      return known;
    },
  };
}

/** The factories of this process, and the preload. */
export const processFactories = processWide('factories', () => createFactoryRegistry());
