/** Collects output and returns its last lines. */
export interface Tail {
  readonly add: (chunk: unknown) => void;
  readonly text: () => string;
}

/** Keeps the last lines of a stream, for the message of an error. */
export function tail(lineLimit = 40): Tail {
  let kept = '';
  return {
    add(chunk) {
      kept = `${kept}${String(chunk)}`
        .split('\n')
        .slice(-lineLimit - 1)
        .join('\n');
    },
    text: () => kept.trimEnd(),
  };
}
