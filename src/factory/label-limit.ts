/** What stands for all values beyond a limit. */
export const OTHER = 'other';

/**
 * Limits the number of different values of a label, as each one becomes a time series in the store of metrics. The first
 * `max` values are kept, and all later ones become `other`.
 */
export function createLabelLimit(max: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= max) return OTHER;
    known.add(value);
    return value;
  };
}
