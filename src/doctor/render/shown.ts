import { redact } from '../../core/redact.js';
import { printable } from './printable.js';

/** A text that somebody else chose, such as a connection's name: a URL without its password, no moves of the cursor. */
export function shown(text: string): string {
  return printable(redact(text));
}
