import { redact } from '../../core/redact.js';
import { printable } from './printable.js';

/** A cell in quotes may have lines and tabs. */
const NO_SPACING = /[^\t\r\n]+/g;

/**
 * A cell as RFC 4180 has it, without the password of a URL, and without what moves the cursor of a terminal. A spreadsheet would run one that begins like a formula, so
 * that gets a quote in front.
 */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const open = redact(value).replace(NO_SPACING, (text) => printable(text));
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
