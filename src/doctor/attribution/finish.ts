import { printable as clean } from '../render/printable.js';
import type { Claim } from './claim.js';

const ASIDE = ['service', 'host', 'role'] as const;

function isClean({ owner, service = '', host = '', role = '', note = '' }: Claim): boolean {
  return [owner, service, host, role, note].every((text) => clean(text) === text);
}

/** Names come from elsewhere, also from DNS: what would move the cursor of a terminal is not passed on. */
export function printable(claim: Claim): Claim {
  if (isClean(claim)) return claim;
  const cleaned = Object.entries(claim).map(([key, text]) => [key, clean(String(text))]);
  return Object.fromEntries(cleaned) as Claim;
}

/**
 * The best of some claims, the best first, with what it does not know and others do: a process is certain, and the role
 * stands in the name. Of an address that stands for many nothing is added, for it would be true of one of them.
 */
export function completed([best, ...others]: readonly Claim[]): Claim | undefined {
  if (!best || best.confidence === 'ambiguous') return best;
  const known = others.filter(({ confidence }) => confidence !== 'ambiguous');
  const missing = ASIDE.filter((key) => best[key] === undefined);
  const added = missing.flatMap((key) => {
    const text = known.find((claim) => claim[key] !== undefined)?.[key];
    return text === undefined ? [] : [[key, text] as const];
  });
  return added.length === 0 ? best : { ...best, ...Object.fromEntries(added) };
}
