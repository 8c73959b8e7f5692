/** The words of a stranger, for one line of a terminal, inside a sentence that has a full stop of its own. */
export function quote(text: string): string {
  return text.replace(/\p{Cc}/gu, '?').replace(/[.:\s]+$/, '');
}
