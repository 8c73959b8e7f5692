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
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const [big, size, small, part] =
    whole < 3600
      ? (['m', 60, 's', 1] as const)
      : whole < 86_400
        ? (['h', 3600, 'm', 60] as const)
        : (['d', 86_400, 'h', 3600] as const);
  const rest = Math.floor((whole % size) / part);
  return `${Math.floor(whole / size)}${big}${rest > 0 ? `${rest}${small}` : ''}`;
}
