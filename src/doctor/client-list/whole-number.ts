const [MINUS, ZERO] = [0x2d, 0x30] as const;

/** Digits of the greatest number that a server tells: 64 bits, without a sign. */
const MAX_DIGITS = 20;

/** Reads a whole number; `NaN` if there is none. */
export function wholeNumber(bytes: Uint8Array, from: number, to: number): number {
  const negative = bytes[from] === MINUS;
  let value = 0;
  let at = negative ? from + 1 : from;
  if (at >= to || to - at > MAX_DIGITS) return NaN;
  for (; at < to; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}
