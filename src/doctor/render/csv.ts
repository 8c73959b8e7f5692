import { redact } from '../../core/redact.js';

/**
 * A cell as RFC 4180 has it, without the password of a URL. A spreadsheet would run one that begins like a formula, so
 * that gets a quote in front.
 */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const open = redact(value);
  const harmless = /^[=+\-@\t\r]/.test(open) ? `'${open}` : open;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Comma-separated values with a heading. */
export function renderCsv(
  heading: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): readonly string[] {
  return [heading, ...rows].map((row) => row.map(cell).join(','));
}
