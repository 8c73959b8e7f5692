const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/;

/** A length of time, as people write it: `10s`, `30m`, `1.5h`. */
export interface Duration {
  readonly seconds: number;
  readonly ms: number;
}

/** Reads a length of time; nothing if it is none. A bare number is in `unit`. */
export function parseDuration(text: string, unit: 'ms' | 's'): Duration | undefined {
  const [, amount, given = unit] = DURATION.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const seconds = Number(amount) * (UNITS[given] ?? NaN);
  return { seconds, ms: Math.round(seconds * 1000) };
}

/** Writes seconds as people read them: `45s`, `12m`, `2h11m`, `3d4h`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-';
  if (seconds < 60) return `${Math.round(seconds)}s`;
  if (seconds < 3600)
    return `${Math.floor(seconds / 60)}m${Math.round(seconds % 60) || ''}`.replace(/m(\d+)$/, 'm$1s');
  const [big, small, size] = seconds < 86_400 ? (['h', 'm', 3600] as const) : (['d', 'h', 86_400] as const);
  const rest = Math.floor((seconds % size) / (size === 3600 ? 60 : 3600));
  return `${Math.floor(seconds / size)}${big}${rest > 0 ? `${rest}${small}` : ''}`;
}
