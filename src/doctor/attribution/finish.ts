import type { Claim } from './claim.js';

const CONTROL = /\p{Cc}/u;
const CONTROLS = /\p{Cc}/gu;

const ASIDE = ['service', 'host', 'role'] as const;

function hasControls({ owner, service = '', host = '', role = '', note = '' }: Claim): boolean {
  return (
    CONTROL.test(owner) ||
    CONTROL.test(service) ||
    CONTROL.test(host) ||
    CONTROL.test(role) ||
    CONTROL.test(note)
  );
}

/** Names come from elsewhere, also from DNS: what would move the cursor of a terminal is not passed on. */
export function printable(claim: Claim): Claim {
  if (!hasControls(claim)) return claim;
  const clean = Object.entries(claim).map(([key, text]) => [key, String(text).replace(CONTROLS, '?')]);
  return Object.fromEntries(clean) as Claim;
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
