/** So many, or so many of a hundred. */
export type Amount = { readonly count: number } | { readonly percent: number };

const PERCENT = /^(\d+(?:\.\d+)?) ?%$/;

/** More than ten times as many is a slip of the pen. */
const MAX_PERCENT = 1000;

/** Reads `3` or `25%`. Gives nothing for anything else. */
export function readAmount(value: unknown): Amount | undefined {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 ? { count: value } : undefined;
  const percent = Number(PERCENT.exec(String(value))?.[1]);
  return percent <= MAX_PERCENT ? { percent } : undefined;
}

/** A percentage is rounded up, as Kubernetes does with `maxSurge`. */
export function amountOf(amount: Amount, whole: number): number {
  if ('count' in amount) return amount.count;
  // 7 % of 100 is 7.000000000000001 to a computer: what lies beyond nine digits is no part of anybody's percentage.
  return Math.ceil(Number(((whole * amount.percent) / 100).toFixed(9)));
}
