import type { HygieneError } from '../core/errors.js';
import type { Standing } from '../ledger/connection.js';
import type { Link } from './link.js';

/** On what terms a connection is opened, beside its facts. Connections with the same terms share them. */
export interface LinkTerms {
  /** How the budget counts it, where its role and its owner do not say. */
  readonly standing?: Standing | undefined;
  /** The call site that it is opened for, where that is not the one that opens it. */
  readonly site?: readonly string[] | undefined;
  /** Hears of its failures, besides the factory. */
  readonly onFailure?: ((error: HygieneError) => void) | undefined;
  /** Hears that its server is elsewhere now, and that its socket goes. */
  readonly onMoved?: (() => void) | undefined;
}

export const USUAL: LinkTerms = {};

/** How the budget counts a link's connection. */
export function standingOf(
  { facts, owner }: Pick<Link, 'facts' | 'owner'>,
  { standing }: LinkTerms,
): Standing {
  if (standing) return standing;
  if (facts.role === 'sentinel') return 'guide';
  return owner?.clusterOpener() ? 'member' : 'own';
}
