const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar for a share of 0 to 1, as wide as `width` at 1. What is there shows at least a sliver. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const shown = share > 0 ? Math.max(1, eighths) : 0;
  return '█'.repeat(Math.floor(shown / 8)) + (EIGHTHS[shown % 8] ?? '');
}

/** `54.3 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Bytes as `0 B`, `21.3 KiB`, `1.2 GiB`. */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let amount = count / 1024;
  // From here on it would be rounded up to 1024.0.
  for (; amount >= 1023.95 && units.length > 1; amount /= 1024) units.shift();
  return `${amount.toFixed(1)} ${units[0] ?? ''}`;
}

/** `1 client`, `2 clients`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

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
