const EIGHTH_BLOCKS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar for a share of 0 to 1, `width` characters wide at 1. Any share above 0 shows at least an eighth of a character. */
export function formatBar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const visible = share > 0 ? Math.max(1, eighths) : 0;
  return '█'.repeat(Math.floor(visible / 8)) + (EIGHTH_BLOCKS[visible % 8] ?? '');
}

/** A share of 0 to 1 as `54.3 %`. */
export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Bytes as `0 B`, `21.3 KiB`, `1.2 GiB`. */
export function formatBytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let amount = count / 1024;
  // toFixed(1) would round 1023.95 and more up to 1024.0.
  for (; amount >= 1023.95 && units.length > 1; amount /= 1024) units.shift();
  return `${amount.toFixed(1)} ${units[0] ?? ''}`;
}

/** A count with its noun: `1 client`, `2 clients`, `3 addresses`. */
export function formatCount(count: number, noun: string): string {
  const ending = noun.endsWith('s') ? 'es' : 's';
  return `${count} ${noun}${count === 1 ? '' : ending}`;
}

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/;

/** A length of time, as in `10s`, `30m`, `1.5h`. */
export interface Duration {
  readonly seconds: number;
  readonly ms: number;
}

/** Parses a length of time; `undefined` if the text is none. A number without a unit is in `unit`. */
export function parseDuration(text: string, unit: 'ms' | 's'): Duration | undefined {
  const [, amount, given = unit] = DURATION.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const seconds = Number(amount) * (SECONDS_PER_UNIT[given] ?? NaN);
  return { seconds, ms: Math.round(seconds * 1000) };
}

/** Seconds with at most two units: `45s`, `12m`, `2h11m`, `3d4h`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const [largeUnit, largeSeconds, smallUnit, smallSeconds] =
    whole < 3600
      ? (['m', 60, 's', 1] as const)
      : whole < 86_400
        ? (['h', 3600, 'm', 60] as const)
        : (['d', 86_400, 'h', 3600] as const);
  const rest = Math.floor((whole % largeSeconds) / smallSeconds);
  return `${Math.floor(whole / largeSeconds)}${largeUnit}${rest > 0 ? `${rest}${smallUnit}` : ''}`;
}
