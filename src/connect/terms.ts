import type { HygieneError } from '../core/errors.js';
import type { Standing } from '../ledger/ledger.js';
import type { Link } from './link.js';

/** On what terms a connection is opened, beside its facts. Connections with the same terms share them. */
export interface LinkTerms {
  /** Its place in the budget is reserved already. */
  readonly covered?: boolean | undefined;
  /** A Cluster opens it to ask something, and closes it. */
  readonly internal?: boolean | undefined;
  /** Hears of its failures, besides the factory. */
  readonly onFailure?: ((error: HygieneError) => void) | undefined;
  /** Hears that its server is elsewhere now, and that its socket goes. */
  readonly onMoved?: (() => void) | undefined;
}

export const USUAL: LinkTerms = {};

/** How the budget counts a link's connection. */
export function standingOf(
  { facts, owner }: Pick<Link, 'facts' | 'owner'>,
  { covered, internal }: LinkTerms,
): Standing {
  if (covered) return 'covered';
  return (internal ?? owner?.isMember()) || facts.role === 'sentinel' ? 'internal' : 'own';
}
