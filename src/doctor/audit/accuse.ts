import type { Finding } from './finding.js';
import { servicesOf, type Holder } from './holders.js';

/** Whether a holder is one process, container or host, or all of them that run one service. */
export type Rank = 'owner' | 'service';

/** Judges owners, and then the services behind those that are not guilty by themselves. */
export function accuse(
  holders: readonly Holder[],
  judge: (holder: Holder, rank: Rank) => readonly Finding[],
): readonly Finding[] {
  const findings = holders.flatMap((holder) => judge(holder, 'owner'));
  const accused = new Set(findings.map(({ owner }) => owner));
  const others = holders.filter(({ claim }) => !accused.has(claim.owner));
  return [...findings, ...servicesOf(others).flatMap((holder) => judge(holder, 'service'))];
}
