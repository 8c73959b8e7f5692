/** The numbers of a version; what follows them (`-beta.1`, `+build`) is left out. */
function numbersOf(version: string): readonly number[] {
  return (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '').split('.').map(Number);
}

/** Below 0 if the first is the older one, 0 if they are the same, above 0 else. */
export function compareVersions(one: string, other: string): number {
  const [own, others] = [numbersOf(one), numbersOf(other)];
  const length = Math.max(own.length, others.length);
  const differences = Array.from({ length }, (_, at) => (own[at] ?? 0) - (others[at] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
